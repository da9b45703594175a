/// A few words ready to be looked for: lower case, one space before each, everything but letters and digits left out.
struct Phrase: Sendable, Equatable {
    private let bytes: [UInt8]

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        let lowercased = text.lowercased()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lowercased.utf8.count + 1)
        var isInWord = false
        for byte in lowercased.utf8 {
            let belongsToWord = Self.isOfWord(byte)
            if belongsToWord {
                if !isInWord { bytes.append(UInt8(ascii: " ")) }
                bytes.append(byte)
            }
            isInWord = belongsToWord
        }
        self.bytes = bytes
    }

    /// Whether a byte of a text in lower case belongs to a word.
    static func isOfWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Whether the other's words occur here in a row, the last of them at least as the beginning of a word: "condo" is in "city condos".
    func contains(_ other: Phrase) -> Bool {
        guard !other.isEmpty, other.bytes.count <= bytes.count else { return false }
        return bytes.withUnsafeBufferPointer { text in
            other.bytes.withUnsafeBufferPointer { sought in
                for start in 0...(text.count - sought.count) where text[start] == sought[0] {
                    var length = 1
                    while length < sought.count, text[start + length] == sought[length] { length += 1 }
                    if length == sought.count { return true }
                }
                return false
            }
        }
    }

    /// Whether an area that a user names is what this phrase of a playbook is about: it holds the phrase, or is a part of it that says
    /// what is particular. "luxury" is enough for "luxury homes", while "homes", with which it ends, is not, and "land" is no part of
    /// "landlord".
    func matches(_ area: Phrase) -> Bool {
        area.contains(self) || contains(Phrase(bytes: area.bytes + [UInt8(ascii: " ")])) && !area.isEmpty
    }
}
