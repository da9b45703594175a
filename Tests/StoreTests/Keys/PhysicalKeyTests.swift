import Store
import Testing

@Suite("PhysicalKey")
struct PhysicalKeyTests {
    private static let tenants: [UInt32] = [0, 1, 2, 0x14, 0x15, 254, 255, 256, 257, 65_535, 65_536, 0xFF_FFFF, 0x100_0000, .max - 1, .max]

    private static func address(_ random: inout Random) -> PartitionAddress {
        let digest = (0..<16).map { _ in [0x00, 0xFF, 0x01, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0 }
        return PartitionAddress(tenant: TenantNumber(tenants.randomElement(using: &random) ?? 0), digest: digest)
    }

    private static func key(_ random: inout Random) throws -> PhysicalKey {
        try PhysicalKey(address(&random), sort: random.hostileBytes(upTo: 6))
    }

    @Test func roundTrips() throws {
        var random = Random(seed: 3)
        for _ in 0..<5000 {
            let key = try Self.key(&random)
            let decoded = try PhysicalKey(decoding: key.bytes)
            #expect(decoded.address == key.address && decoded.sort == key.sort && decoded == key)
            #expect(PartitionAddress(tenant: key.address.tenant, digest: key.address.digest) == key.address)
        }
    }

    @Test func comparesAsItsParts() throws {
        var random = Random(seed: 4)
        func parts(_ key: PhysicalKey) -> [[UInt8]] {
            [withUnsafeBytes(of: key.address.tenant.value.bigEndian) { Array($0) }, key.address.digest, key.sort]
        }
        for _ in 0..<20_000 {
            let left = try Self.key(&random)
            let right = try PhysicalKey(
                Bool.random(using: &random) ? left.address : Self.address(&random), sort: random.hostileBytes(upTo: 6))
            let expected = parts(left).lexicographicallyPrecedes(parts(right)) { $0.lexicographicallyPrecedes($1) }
            #expect(left.bytes.lexicographicallyPrecedes(right.bytes) == expected)
        }
    }

    /// Whatever names are chosen: what is between two keys of a partition is of that partition.
    @Test func tenantsAndPartitionsNeverMeet() throws {
        var random = Random(seed: 5)
        for _ in 0..<20_000 {
            let mine = Self.address(&random)
            let keys = [
                try PhysicalKey(mine, sort: random.hostileBytes(upTo: 6)), try PhysicalKey(mine, sort: random.hostileBytes(upTo: 6)),
            ]
            let (low, high) = keys[0].bytes.lexicographicallyPrecedes(keys[1].bytes) ? (keys[0], keys[1]) : (keys[1], keys[0])
            let other = try Self.key(&random)
            guard other.address != mine else { continue }
            let isBetween = low.bytes.lexicographicallyPrecedes(other.bytes) && other.bytes.lexicographicallyPrecedes(high.bytes)
            #expect(!isBetween)
            for key in keys {
                #expect(!key.bytes.starts(with: other.bytes) && !other.bytes.starts(with: key.bytes))
            }
            #expect(!other.bytes.starts(with: PhysicalKey.start(of: mine, prefix: [])))
        }
    }

    /// A range takes what starts so and nothing else.
    @Test func rangesAreExact() throws {
        var random = Random(seed: 6)
        for _ in 0..<50_000 {
            let address = Self.address(&random)
            let (sort, prefix) = (random.hostileBytes(upTo: 5), random.hostileBytes(upTo: 3))
            let key = try PhysicalKey(address, sort: Bool.random(using: &random) ? prefix + sort : sort)
            #expect(key.bytes.starts(with: PhysicalKey.start(of: address, prefix: prefix)) == key.sort.starts(with: prefix))
        }
    }

    @Test func refusesWhatIsTooLongOrNoKey() throws {
        let address = PartitionAddress(tenant: TenantNumber(1), digest: [UInt8](repeating: 7, count: 16))
        #expect(throws: StoreError(.tooLarge, "making a key")) {
            try PhysicalKey(address, sort: [UInt8](repeating: 0, count: StoreLimits.keyBytesMax / 2))
        }
        let key = try PhysicalKey(address, sort: [1, 2, 3])
        for length in 0..<key.bytes.count {
            #expect(throws: StoreError.self) { try PhysicalKey(decoding: Array(key.bytes.prefix(length))) }
        }
        #expect(throws: StoreError.self) { try PhysicalKey(decoding: key.bytes + [0]) }
    }
}
