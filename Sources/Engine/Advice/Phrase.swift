/// A few words ready to be looked for: lower case, one space before each, everything but letters and digits left out.
struct Phrase: Sendable, Equatable {
    private let bytes: [UInt8]

    init(_ text: String) {
        let lowercased = text.lowercased()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lowercased.utf8.count + 1)
        var isInWord = false
        for byte in lowercased.utf8 {
            let belongsToWord =
                byte >= 0x80 || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            if belongsToWord {
                if !isInWord { bytes.append(UInt8(ascii: " ")) }
                bytes.append(byte)
            }
            isInWord = belongsToWord
        }
        self.bytes = bytes
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

    /// Whether the other's words occur here in a row as whole words; the last one may be in the plural.
    func containsWords(_ other: Phrase) -> Bool {
        let (text, sought) = (bytes, other.bytes)
        guard !sought.isEmpty, sought.count <= text.count else { return false }
        for start in 0...(text.count - sought.count) where text[start..<(start + sought.count)].elementsEqual(sought) {
            let rest = text[(start + sought.count)...].prefix { $0 != UInt8(ascii: " ") }
            if rest.isEmpty || rest.elementsEqual("s".utf8) || rest.elementsEqual("es".utf8) { return true }
        }
        return false
    }

    func begins(with other: Phrase) -> Bool { !other.isEmpty && bytes.starts(with: other.bytes) }

    /// Whether an area that a user names is what this phrase of a playbook is about: it holds the phrase, or is a part of it that says
    /// what is particular. "luxury" is enough for "luxury homes", while "homes", with which it ends, is not.
    func matches(_ area: Phrase) -> Bool {
        area.contains(self) || contains(area) && !bytes.reversed().starts(with: area.bytes.reversed())
    }
}
