/// Walks over a JSON text and notes its values. The text is known to be UTF-8.
struct JSONTapeScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private let isMending: Bool
    private(set) var nodes: [JSONTape.Node] = []
    private let valuesMax: Int
    private(set) var hasDecimals = false
    /// Where the digits of escapes stand that are half of a surrogate pair.
    private(set) var loneSurrogates: [Int] = []
    /// Where values begin that are nested too deeply; they have a node and nothing in it.
    private(set) var tooDeep: [Int32] = []

    /// - Parameter isMending: whether such escapes and values are noted, and not refused.
    init(_ bytes: UnsafeBufferPointer<UInt8>, isMending: Bool = false, valuesMax: Int = .max) {
        self.bytes = bytes
        self.isMending = isMending
        self.valuesMax = valuesMax
        nodes.reserveCapacity(min(valuesMax, bytes.count / 12) + 2)
    }

    /// Whether the text is one value and nothing else.
    mutating func scanAll() -> Bool {
        guard value(depth: 0) else { return false }
        skipBlanks()
        return position == bytes.count
    }

    /// The next byte; 0 at the end, which no JSON outside of a string has.
    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    private mutating func begin(_ kind: JSONTape.Kind) -> Int {
        nodes.append(JSONTape.Node(kind: kind, start: Int32(position)))
        return nodes.count - 1
    }

    private mutating func end(_ node: Int) {
        nodes[node].end = Int32(position)
        nodes[node].next = Int32(nodes.count)
    }

    private mutating func value(depth: Int) -> Bool {
        guard nodes.count < valuesMax else { return false }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return depth < JSONTape.depthMax ? object(depth: depth + 1) : isMending && skipDeep(.object)
        case UInt8(ascii: "["): return depth < JSONTape.depthMax ? array(depth: depth + 1) : isMending && skipDeep(.array)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return literal("true", .yes)
        case UInt8(ascii: "f"): return literal("false", .no)
        case UInt8(ascii: "n"): return literal("null", .null)
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        let node = begin(.object)
        position += 1
        skipBlanks()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipBlanks()
                guard string() else { return false }
                skipBlanks()
                guard take(UInt8(ascii: ":")), value(depth: depth) else { return false }
                skipBlanks()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { return false }
        }
        end(node)
        return true
    }

    private mutating func array(depth: Int) -> Bool {
        let node = begin(.array)
        position += 1
        skipBlanks()
        if !take(UInt8(ascii: "]")) {
            repeat {
                guard value(depth: depth) else { return false }
                skipBlanks()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { return false }
        }
        end(node)
        return true
    }

    /// Passes over what is nested too deeply to be walked: to the bracket that closes it, whichever kinds of brackets there are inside.
    private mutating func skipDeep(_ kind: JSONTape.Kind) -> Bool {
        let node = begin(kind)
        let known = nodes.count
        tooDeep.append(Int32(position))
        var open = 0
        repeat {
            switch next {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): open -= 1
            case UInt8(ascii: "\""):
                guard string() else { return false }
                position -= 1
            case 0: return false
            default: break
            }
            position += 1
        } while open > 0
        nodes.removeLast(nodes.count - known)
        end(node)
        return true
    }

    private mutating func literal(_ text: StaticString, _ kind: JSONTape.Kind) -> Bool {
        let node = begin(kind)
        let matches = text.withUTF8Buffer { text in
            text.count <= bytes.count - position && text.elementsEqual(bytes[position..<(position + text.count)])
        }
        guard matches else { return false }
        position += text.utf8CodeUnitCount
        end(node)
        return true
    }

    private mutating func number() -> Bool {
        let node = begin(.number)
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return false }
        if take(UInt8(ascii: ".")) {
            hasDecimals = true
            if !digits() { return false }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            hasDecimals = true
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return false }
        }
        end(node)
        return true
    }

    /// At least one.
    private mutating func digits() -> Bool {
        let start = position
        while next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") { position += 1 }
        return position > start
    }

    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        let node = begin(.string)
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                end(node)
                position += 1
                return true
            }
            guard byte >= 0x20 else { return false }
            position += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            nodes[node].isEscaped = true
            let known = loneSurrogates.count
            guard escape() else { return false }
            if loneSurrogates.count > known { nodes[node].isMended = true }
        }
        return false
    }

    private mutating func escape() -> Bool {
        let byte = next
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            let start = position
            guard let unit = codeUnit() else { return false }
            guard UTF16.isLeadSurrogate(unit) else { return !UTF16.isTrailSurrogate(unit) || isAllowedAlone(start) }
            let end = position
            if take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                guard let second = codeUnit() else { return false }
                if UTF16.isTrailSurrogate(second) { return true }
            }
            // What follows is looked at by itself.
            position = end
            return isAllowedAlone(start)
        default:
            return false
        }
    }

    private mutating func isAllowedAlone(_ start: Int) -> Bool {
        if isMending { loneSurrogates.append(start) }
        return isMending
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
