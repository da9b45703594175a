/// Repeatable randomness. Source: SplitMix64 (Steele, Lea, Flood 2014).
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// Bytes of which many are zeros, FF and the type codes of the key encoding.
    mutating func hostileBytes(upTo count: Int) -> [UInt8] {
        let favourites: [UInt8] = [0x00, 0xFF, 0x01, 0x02, 0x14, 0x15, UInt8(ascii: "#"), UInt8(ascii: "A")]
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            Bool.random(using: &self) ? UInt8.random(in: 0...255, using: &self) : favourites[Int.random(in: 0..<8, using: &self)]
        }
    }
}
