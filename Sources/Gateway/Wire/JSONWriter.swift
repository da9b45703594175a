package import NIOCore

/// Writes JSON (RFC 8259) into memory.
///
/// The hot answers are written with it: Foundation's encoder costs 20 to 100 µs for a profile, this a few. It fills memory of its own,
/// because every append to an array or a `ByteBuffer` checks bounds and owner anew: here a member's room is made once.
package struct JSONWriter: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Whether what comes next follows another value in the same array or object.
    private var needsComma = false

    package init(capacityBytes: Int = 512) {
        memory = .allocate(byteCount: capacityBytes, alignment: 8)
    }

    deinit {
        memory.deallocate()
    }

    /// What has been written.
    package var buffer: ByteBuffer { ByteBuffer(bytes: memory[..<count]) }

    // MARK: Structure

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func array<Values: RandomAccessCollection>(
        of values: Values, _ write: (inout JSONWriter, Values.Element) -> Void
    ) {
        open(UInt8(ascii: "["))
        // By index: an iterator would copy each element, with all the texts in it.
        for index in values.indices { write(&self, values[index]) }
        close(UInt8(ascii: "]"))
    }

    /// The name of the member whose value is written next.
    /// - Parameter name: Plain ASCII, nothing to escape.
    package mutating func key(_ name: StaticString) {
        makeRoom(name.utf8CodeUnitCount + 4)
        separate()
        put(UInt8(ascii: "\""))
        put(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member whose name comes from outside.
    package mutating func member(named name: String, raw text: [UInt8]) {
        key(named: name)
        raw(text)
    }

    package mutating func member(named name: String, _ text: String) {
        key(named: name)
        value(text)
    }

    package mutating func member(named name: String, _ number: Double) {
        key(named: name)
        value(number)
    }

    private mutating func key(named name: String) {
        value(name)
        makeRoom(1)
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    /// JSON that is known to be well-formed.
    package mutating func raw(_ text: [UInt8]) {
        makeRoom(text.count + 1)
        separate()
        text.withUnsafeBytes { put($0) }
        needsComma = true
    }

    package mutating func value(_ text: String) {
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { writeText(UnsafeRawBufferPointer($0)) }
        if isWritten == nil {
            var text = text
            text.withUTF8 { writeText(UnsafeRawBufferPointer($0)) }
        }
        needsComma = true
    }

    package mutating func value(_ number: some FixedWidthInteger) { plain(String(number)) }

    /// The shortest text that reads back as the same number. JSON has no text for what is not finite: `null`.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        plain(number.description)
    }

    package mutating func value(_ flag: Bool) { plain(flag ? "true" : "false") }

    package mutating func null() { plain("null") }

    /// Text that is known to hold nothing to escape, such as a time.
    package mutating func plainValue(_ text: String) {
        makeRoom(text.utf8.count + 3)
        separate()
        put(UInt8(ascii: "\""))
        put(text)
        put(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func plain(_ text: String) {
        makeRoom(text.utf8.count + 1)
        separate()
        put(text)
        needsComma = true
    }

    /// Copies runs that need no escape as they are.
    private mutating func writeText(_ text: UnsafeRawBufferPointer) {
        makeRoom(text.count + 3)
        separate()
        put(UInt8(ascii: "\""))
        var rest = text
        while let place = Self.firstToEscape(in: rest) {
            put(UnsafeRawBufferPointer(rebasing: rest[..<place]))
            let byte = rest[place]
            rest = UnsafeRawBufferPointer(rebasing: rest[(place + 1)...])
            makeRoom(rest.count + 8)
            writeEscape(of: byte)
        }
        put(rest)
        put(UInt8(ascii: "\""))
    }
}

/// Structure and memory. `put` asks for nothing: `makeRoom` was called for all that follows.
extension JSONWriter {
    private mutating func open(_ bracket: UInt8) {
        makeRoom(2)
        separate()
        put(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        makeRoom(1)
        put(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
    }

    private mutating func makeRoom(_ bytes: Int) {
        if memory.count - count < bytes { grow(by: bytes) }
    }

    private mutating func grow(by bytes: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(memory.count * 2, count + bytes), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }

    private mutating func put(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }
}

/// Escapes (RFC 8259, 7).
extension JSONWriter {
    /// Where the first byte stands that is a control character, a quotation mark or a backslash. Looks at eight bytes at a time:
    /// a lane's top bit is set by what is below 0x20, and by what becomes zero under the mask of `"` or `\`. A borrow may mark a lane
    /// wrongly, but never one before the first right one.
    private static func firstToEscape(in text: UnsafeRawBufferPointer) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var place = 0
        while place + 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quotes = word ^ (ones * UInt64(UInt8(ascii: "\"")))
            let backslashes = word ^ (ones * UInt64(UInt8(ascii: "\\")))
            let found = ((word &- ones * 0x20) & ~word | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes) & tops
            if found != 0 { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < text.count {
            let byte = text[place]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return place }
            place += 1
        }
        return nil
    }

    private mutating func writeEscape(of byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        default:
            put("u00")
            put(Self.hexadecimal(byte >> 4))
            put(Self.hexadecimal(byte & 0x0F))
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
