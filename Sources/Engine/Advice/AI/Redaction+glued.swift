/// Names that no blank sets apart: "Smith,John", "Smith/Jones", "JohnSmith", "client:Smith".
extension Redaction {
    private static let glue: Set<Character> = [
        ",", ";", ":", "/", "\\", "|", "&", "+", "=", "_", ".", "-", "‐", "‑", "–", "—", "·", "•", "~", "*", "(", ")", "{", "}", "<", ">",
    ]

    func replaceGluedNames(in words: inout [Word]) {
        for index in words.indices where !words[index].isRedacted && isGluedName(words[index]) { words[index].core = "[name]" }
        replaceReversedNames(in: &words)
    }

    /// Two capitalised parts of which one is no known word, a given name glued to anything, or something that announces a name. In doubt
    /// it is a name: a product or a city lost costs less than a person told.
    private func isGluedName(_ word: Word) -> Bool {
        let parts = parts(of: word.core)
        guard parts.count >= 2 else { return false }
        let capitalized = parts.filter { Self.isCapitalized($0) }
        let unknown = capitalized.filter { isUnknown($0) }
        if unknown.contains(where: { NameWords.given.contains($0.lowercased()) }) { return true }
        let isAnnounced = parts.contains { NameWords.cues.contains($0.lowercased()) || NameWords.honorifics.contains($0.lowercased()) }
        guard !unknown.isEmpty, Self.glue.contains(where: { word.core.contains($0) }) else { return false }
        return isAnnounced || (capitalized.count >= 2 && unknown.contains { $0.count >= 2 })
    }

    private func isUnknown(_ part: String) -> Bool {
        let plain = part.lowercased()
        let letters = plain.filter { $0 != "'" && $0 != "’" }
        return !letters.isEmpty && letters.allSatisfy(\.isLetter) && !isKnown(plain)
    }

    /// Apart where something stands between them, and where a capital follows a small letter.
    private func parts(of core: String) -> [String] {
        var parts: [String] = []
        for piece in core.split(whereSeparator: { Self.glue.contains($0) }) {
            if isKnown(piece.lowercased()) {
                parts.append(String(piece))
                continue
            }
            var part = ""
            for character in piece {
                if character.isUppercase, part.last?.isLowercase ?? false {
                    parts.append(part)
                    part = ""
                }
                part.append(character)
            }
            parts.append(part)
        }
        return parts
    }

    /// "Smith, John": two names with a comma between, one of them a given name.
    private func replaceReversedNames(in words: inout [Word]) {
        var index = 0
        while index + 1 < words.count {
            let (first, second) = (words[index], words[index + 1])
            let isPair =
                first.trail == "," && second.lead.isEmpty && isNameLike(first) && isNameLike(second)
                && [first, second].contains { NameWords.given.contains($0.lower) }
            if isPair {
                words[index].core = "[name]"
                words[index].trail = second.trail
                words.remove(at: index + 1)
            }
            index += 1
        }
    }
}
