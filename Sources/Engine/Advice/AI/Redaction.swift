/// Takes out of a user's own words what could say who somebody is, before they go to an AI provider.
///
/// By rules alone: mail addresses (also "ada at example dot com"), URLs and host names, @handles, telephone numbers and other long
/// runs of digits in any script (cards, accounts, ids, dates), ids of letters and digits such as IBANs and UUIDs, the user's own id,
/// street addresses as English, German, French, Italian, Spanish and Portuguese write them, and names of people where something tells
/// that they are names: "Mr", "my name is", "call …", two capitalised words in a row that are no words of the tenant's or of trade,
/// or one of the commonest given names, also where no blank sets them apart. In doubt it takes out.
///
/// The limit: a name in lower case, in a script without capitals, or a single unusual one without any sign of being a name stays, as
/// does what identifies by its meaning ("the only vet in town"). On the other side cities and products of two words are taken for
/// names. So what is left is little, and still is to be treated as personal.
package struct Redaction: Sendable {
    /// Words that are no names, in lower case: those of the tenant's playbook.
    let vocabulary: Set<String>
    /// In lower case; empty: none.
    private let ownID: String

    package init(vocabulary: Set<String>, ownID: String) {
        self.vocabulary = vocabulary
        self.ownID = PlainText.neutralized(ownID).lowercased()
    }

    /// The text in one line with `[mail]`, `[link]`, `[handle]`, `[number]`, `[id]`, `[address]` and `[name]` in place of what was there.
    package func redact(_ text: String) -> String {
        var plain = PlainText.neutralized(text)
        plain = withoutOwnID(plain)
        var words = Self.words(of: plain)
        Self.replaceSpelledMail(in: &words)
        for index in words.indices { Self.replaceAddress(in: &words[index]) }
        words = Self.words(of: Self.withoutNumbers(Self.text(of: words)))
        Self.replaceStreets(in: &words)
        replaceGluedNames(in: &words)
        replaceNames(in: &words)
        return Self.text(of: words)
    }

    /// A short id is looked for as a word: "a" or "17" stands in many.
    private func withoutOwnID(_ text: String) -> String {
        guard !ownID.isEmpty else { return text }
        let isShort = ownID.count < 4
        var words = Self.words(of: text)
        if isShort || !text.lowercased().contains(ownID) {
            for index in words.indices where words[index].lower == ownID { words[index].core = "[id]" }
            return Self.text(of: words)
        }
        return Self.replacing(ownID, in: text, with: "[id]")
    }

    private static func replacing(_ sought: String, in text: String, with replacement: String) -> String {
        let (characters, wanted) = (Array(text), Array(sought))
        var result = ""
        var position = 0
        while position < characters.count {
            let isHere =
                position + wanted.count <= characters.count
                && wanted.indices.allSatisfy { characters[position + $0].lowercased() == String(wanted[$0]) }
            if isHere {
                result += replacement
                position += wanted.count
            } else {
                result.append(characters[position])
                position += 1
            }
        }
        return result
    }

    // MARK: Words

    /// One word between blanks, its punctuation apart.
    struct Word: Sendable {
        var lead = ""
        var core = ""
        var trail = ""

        init(_ text: some StringProtocol) {
            var rest = Substring(text)
            while let first = rest.first, Self.opening.contains(first) { lead.append(rest.removeFirst()) }
            var tail: [Character] = []
            while let last = rest.last, Self.closing.contains(last) { tail.append(rest.removeLast()) }
            core = String(rest)
            trail = String(tail.reversed())
        }

        private static let opening: Set<Character> = ["\"", "'", "(", "{", "<", "«", "“", "‘", "„", "¿", "¡", "*", "_", "`"]
        private static let closing: Set<Character> = [
            "\"", "'", ")", "}", ">", "»", "”", "’", ".", ",", ";", ":", "!", "?", "…", "*", "_", "`",
        ]

        var text: String { lead + core + trail }
        var isRedacted: Bool { core.hasPrefix("[") && core.hasSuffix("]") }
        var lower: String { core.lowercased() }
    }

    static func words(of text: String) -> [Word] { text.split(separator: " ").map { Word($0) } }

    static func text(of words: [Word]) -> String {
        words.lazy.filter { !$0.text.isEmpty }.map(\.text).joined(separator: " ")
    }
}
