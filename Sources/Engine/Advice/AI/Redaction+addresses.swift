/// Mail addresses, links, handles, ids.
extension Redaction {
    /// Whether a word is a mail address, a link, or the name of a host.
    static func isAddress(_ text: some StringProtocol) -> Bool {
        let core = Word(text).core
        return isMail(core) || isLink(core)
    }

    static func replaceAddress(in word: inout Word) {
        let core = word.core.replacing("(at)", with: "@").replacing("[at]", with: "@")
        if core.isEmpty || word.isRedacted { return }
        if isMail(core) || isSpelledMail(core) {
            word.core = "[mail]"
        } else if isLink(core) {
            word.core = "[link]"
        } else if core.contains("@") {
            word.core = "[handle]"
        } else if isMixedID(core) {
            word.core = "[id]"
        }
    }

    private static func isMail(_ core: String) -> Bool {
        guard let at = core.firstIndex(of: "@"), at != core.startIndex else { return false }
        let host = core[core.index(after: at)...]
        return core.lowercased().hasPrefix("mailto:") || host.contains(".")
    }

    /// A scheme, or a host name in it, whatever it is glued to.
    private static func isLink(_ core: String) -> Bool {
        let lower = core.lowercased()
        if lower.contains("://") || lower.hasPrefix("www.") || lower.hasPrefix("mailto:") || lower.hasPrefix("tel:") { return true }
        return lower.split { ",;:|()[]{}<>=\"'—–".contains($0) }.contains { startsWithHost($0) }
    }

    /// Labels of letters and digits with dots between, the last of letters, at least two of them; all short ones only before a path.
    private static func startsWithHost(_ piece: Substring) -> Bool {
        let host = piece.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, (2...24).contains(last.count), last.allSatisfy(\.isLetter) else { return false }
        return labels.dropLast().allSatisfy { label in
            !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        } && (labels.contains { $0.count > 2 } || host.count < piece.count)
    }

    /// Letters and at least four digits in one word, without its hyphens at least eight long: IBANs, UUIDs, number plates, order numbers.
    private static func isMixedID(_ core: String) -> Bool {
        let characters = core.unicodeScalars.filter { $0 != "-" && $0 != "_" && $0 != "." && $0 != "/" }
        guard characters.count >= 8, characters.allSatisfy({ $0.properties.isAlphabetic || isDigit($0) }) else { return false }
        return characters.count(where: isDigit) >= 4 && characters.contains { $0.properties.isAlphabetic }
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType == .decimal }

    /// "ada at example dot com", "ada [at] example [dot] com", "ada at example.com", "ada @ example.com", "ada @example.com".
    static func replaceSpelledMail(in words: inout [Word]) {
        func spells(_ word: Word, _ sign: String) -> Bool {
            word.text.lowercased().filter { $0.isLetter } == sign && word.text.count <= sign.count + 2
        }
        var index = 1
        while index < words.count {
            let isAt = spells(words[index], "at") || words[index].text == "@"
            var last: Int?
            if isAt, index + 3 < words.count, spells(words[index + 2], "dot") { last = index + 3 }
            if isAt, last == nil, index + 1 < words.count, isLink(words[index + 1].core) { last = index + 1 }
            if words[index].core.hasPrefix("@"), isLink(String(words[index].core.dropFirst())) { last = index }
            if let last, !words[index - 1].core.isEmpty {
                words[index - 1].core = "[mail]"
                words[index - 1].trail = words[last].trail
                words.removeSubrange(index...last)
            }
            index += 1
        }
    }

    /// "ada_at_example_dot_com", "ada{at}example{dot}com".
    private static func isSpelledMail(_ core: String) -> Bool {
        let parts = core.lowercased().split { !$0.isLetter && !$0.isNumber }
        guard let at = parts.firstIndex(of: "at"), at > 0, let dot = parts[at...].firstIndex(of: "dot") else { return false }
        return dot > at + 1 && dot + 1 < parts.count
    }
}
