import Store
import Testing

@Suite("OrderedKey")
struct OrderedKeyTests {
    /// An element of a key: what one key has at a place, every other has too.
    private enum Element: Equatable {
        case integer(UInt64)
        case string([UInt8])

        static func precedes(_ left: Self, _ right: Self) -> Bool {
            switch (left, right) {
            case (.integer(let left), .integer(let right)): left < right
            case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
            default: false
            }
        }
    }

    private static func encode(_ elements: [Element]) -> [UInt8] {
        var key = OrderedKey()
        for element in elements {
            switch element {
            case .integer(let integer): key.append(integer)
            case .string(let string): key.append(string)
            }
        }
        return key.bytes
    }

    private static func randomInteger(_ random: inout Random) -> UInt64 {
        let shift = UInt64.random(in: 0...63, using: &random)
        return [0, 1, .max, 1 << shift, (1 << shift) &- 1, random.next() >> shift].randomElement(using: &random) ?? 0
    }

    private static func randomKey(_ random: inout Random) -> [Element] {
        [
            .integer(randomInteger(&random)), .string(random.hostileBytes(upTo: 4)), .string(random.hostileBytes(upTo: 4)),
            .integer(randomInteger(&random)),
        ]
    }

    @Test func keepsOrder() {
        var random = Random(seed: 1)
        for _ in 0..<20_000 {
            let (left, right) = (Self.randomKey(&random), Self.randomKey(&random))
            let shared = Int.random(in: 0...4, using: &random)
            let near = Array(left.prefix(shared) + right.dropFirst(shared))
            let expected = left.lexicographicallyPrecedes(near, by: Element.precedes)
            #expect(Self.encode(left).lexicographicallyPrecedes(Self.encode(near)) == expected, "\(left) \(near)")
            #expect((Self.encode(left) == Self.encode(near)) == (left == near))
        }
    }

    @Test func roundTrips() {
        var random = Random(seed: 2)
        for _ in 0..<5000 {
            let elements = Self.randomKey(&random)
            var reader = OrderedKeyReader(Self.encode(elements))
            for element in elements {
                switch element {
                case .integer(let integer): #expect(reader.integer() == integer)
                case .string(let string): #expect(reader.string() == string)
                }
            }
            #expect(reader.isAtEnd)
        }
    }

    /// No list of strings encodes as another: parts cannot move from one string to its neighbour.
    @Test func unlikeListsDiffer() {
        let parts: [[[UInt8]]] = [
            [], [[]], [[], []], [[0]], [[0], []], [[], [0]], [[0, 0]], [[0, 0xFF]], [[0], [0xFF]], [[0xFF]], [[0, 1]], [[0], [1]],
            [[], [1]],
            [[1], []], [[1, 0]], [[0, 0xFF, 1]],
        ]
        let encoded = parts.map { Self.encode($0.map(Element.string)) }
        #expect(Set(encoded).count == parts.count)
    }

    @Test(
        arguments: [[], [0x13], [0x1D], [0x15], [0x1C, 1, 2, 3, 4, 5, 6, 7], [0x01], [0x01, 65], [0x01, 0, 0xFF], [0x00]] as [[UInt8]])
    func refusesWhatIsNoKey(_ bytes: [UInt8]) {
        var reader = OrderedKeyReader(bytes)
        #expect(reader.integer() == nil)
        #expect(reader.string() == nil)
    }
}
