/// The words of a goal, or of a keyword that is looked for in goals.
///
/// A word of a goal meets one of a keyword where it is the same word or one of its forms: "reviewed" and "reviews" meet "review". A
/// keyword that is itself a form is met by that form alone: "leads" is not in "Lead by example", "listing" not in "a list".
struct GoalWords: Sendable, Equatable {
    private struct Word: Sendable, Equatable {
        let text: [UInt8]
        /// FNV-1a of the stem: every word of every goal is compared with every keyword of the rules, and nearly all differ.
        let stemHash: UInt64

        init(_ text: [UInt8]) {
            self.text = text
            stemHash = Stem.of(text).reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }

        func isForm(of other: Word) -> Bool {
            guard stemHash == other.stemHash else { return false }
            if text == other.text { return true }
            // A final e or y may have gone in the form: "prices", "inquiries".
            let isShortened = other.text.last == UInt8(ascii: "e") || other.text.last == UInt8(ascii: "y")
            let base = isShortened ? other.text.dropLast() : other.text[...]
            return text.count >= other.text.count && text.starts(with: base)
        }
    }

    private let words: [Word]

    init(_ text: String) {
        words = text.lowercased().utf8.split { !Phrase.isOfWord($0) }.map { Word(Array($0)) }
    }

    /// Whether the keyword's words, or forms of them, occur here in a row.
    func contains(_ keyword: GoalWords) -> Bool {
        let sought = keyword.words
        guard let first = sought.first, sought.count <= words.count else { return false }
        for start in 0...(words.count - sought.count) where words[start].isForm(of: first) {
            if (1..<sought.count).allSatisfy({ words[start + $0].isForm(of: sought[$0]) }) { return true }
        }
        return false
    }

    func begins(with keyword: GoalWords) -> Bool {
        !keyword.words.isEmpty && keyword.words.count <= words.count && zip(words, keyword.words).allSatisfy { $0.isForm(of: $1) }
    }

    /// Whether the goal is to do less of something: "Stop posting on Facebook" asks for no posts.
    var isRefusal: Bool { Self.refusals.contains { begins(with: $0) } }

    private static let refusals = [
        "stop", "quit", "avoid", "postpone", "reduce", "cancel", "delay", "skip", "no more", "no longer", "fewer", "less", "don't",
        "do not", "never",
    ].map { GoalWords($0) }
}
