/// Control characters (Unicode's category Cc: U+0000 to U+001F and U+007F to U+009F), looked for in UTF-8.
enum ControlCharacters {
    /// - Parameter bytes: valid UTF-8.
    static func areIn(_ bytes: some Sequence<UInt8>) -> Bool {
        var previous: UInt8 = 0x20
        for byte in bytes {
            // U+0080 to U+009F are C2 80 to C2 9F.
            if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte <= 0x9F) { return true }
            previous = byte
        }
        return false
    }
}
