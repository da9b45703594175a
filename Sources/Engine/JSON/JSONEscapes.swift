/// Backslash escapes (RFC 8259, 7), known to be well-formed.
enum JSONEscapes {
    static func resolve(_ text: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var resolved = ""
        var plain: [UInt8] = []
        var place = text.startIndex
        func flush() {
            if !units.isEmpty { resolved += String(decoding: units, as: UTF16.self) }
            units = []
            if !plain.isEmpty { resolved += String(decoding: plain, as: UTF8.self) }
            plain = []
        }
        while place < text.endIndex {
            guard text[place] == UInt8(ascii: "\\") else {
                if !units.isEmpty { flush() }
                plain.append(text[place])
                place += 1
                continue
            }
            let escape = text[place + 1]
            place += 2
            guard escape == UInt8(ascii: "u") else {
                if !units.isEmpty { flush() }
                plain.append(byte(of: escape))
                continue
            }
            if units.isEmpty { flush() }
            units.append(UInt16(String(decoding: text[place..<(place + 4)], as: UTF8.self), radix: 16) ?? 0xFFFD)
            place += 4
        }
        flush()
        return resolved
    }

    private static func byte(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: escape
        }
    }
}
