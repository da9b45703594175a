import Store
import Synchronization

/// A vault in memory. Its seals detect every tampering by a keyed checksum of 128 bits; they keep nothing secret.
final class TestVault: PartitionVault {
    /// What shall fail.
    enum Fault: Sendable, Equatable {
        case reserve
        /// The slots of one tenant.
        case reserveOf(TenantNumber)
        case seal
    }

    struct Counts: Sendable, Equatable {
        var reserved = 0
        var published = 0
        var released = 0
    }

    private struct State {
        var live: [PartitionAddress: TestSeal] = [:]
        var reserved: [PartitionAddress: TestSeal] = [:]
        var gone: Set<TenantNumber> = []
        var nextSlot: UInt32 = 1
        var counts = Counts()
        var fault: Fault?
    }

    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }
    var reservedCount: Int { state.withLock { $0.reserved.count } }

    func fail(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    /// Destroys a partition's key.
    func destroy(_ partition: PartitionKey) {
        let address = Self.address(of: partition)
        _ = state.withLock { $0.live.removeValue(forKey: address) }
    }

    /// Destroys a tenant's keys.
    func destroy(_ tenant: TenantNumber) {
        state.withLock { state in
            state.live = state.live.filter { $0.key.tenant != tenant }
            state.gone.insert(tenant)
        }
    }

    func isGone(_ tenant: TenantNumber) -> Bool { state.withLock { $0.gone.contains(tenant) } }

    func address(of partition: PartitionKey) throws(StoreError) -> PartitionAddress {
        Self.address(of: partition)
    }

    static func address(of partition: PartitionKey) -> PartitionAddress {
        PartitionAddress(tenant: partition.tenant, digest: Checksum.bytes(partition.name, key: UInt64(partition.tenant.value)))
    }

    func seal(at address: PartitionAddress) throws(StoreError) -> (any PartitionSeal)? {
        let (seal, fails) = state.withLock { ($0.live[address], $0.fault == .seal) }
        if fails { throw StoreError(.damaged, "failing as the test wants it") }
        return seal
    }

    func mayLive(_ address: PartitionAddress) -> Bool {
        state.withLock { $0.live[address] != nil || $0.reserved[address] != nil }
    }

    func reserve(_ addresses: [PartitionAddress]) throws(StoreError) -> [any PartitionSeal] {
        let seals = state.withLock { state -> [TestSeal]? in
            if state.fault == .reserve || addresses.contains(where: { state.fault == .reserveOf($0.tenant) }) { return nil }
            return addresses.map { address in
                let seal = TestSeal(slot: state.nextSlot, generation: 1)
                state.nextSlot += 1
                state.counts.reserved += 1
                state.reserved[address] = seal
                return seal
            }
        }
        guard let seals else { throw StoreError(.damaged, "failing as the test wants it") }
        return seals
    }

    func publish(_ addresses: [PartitionAddress]) {
        state.withLock { state in
            for address in addresses {
                state.live[address] = state.reserved.removeValue(forKey: address)
                state.counts.published += 1
            }
        }
    }

    func release(_ addresses: [PartitionAddress]) {
        state.withLock { state in
            for address in addresses {
                state.reserved[address] = nil
                state.counts.released += 1
            }
        }
    }
}

struct TestSeal: PartitionSeal {
    let slot: UInt32
    let generation: UInt32

    func seal(_ payload: [UInt8], context: [UInt8]) throws(StoreError) -> [UInt8] {
        payload + checksum(payload, context)
    }

    func open(_ sealed: RawSpan, context: [UInt8]) throws(StoreError) -> [UInt8] {
        let bytes = sealed.withUnsafeBytes { Array($0) }
        let payload = Array(bytes.dropLast(Checksum.byteCount))
        guard bytes.count >= Checksum.byteCount, Array(bytes.suffix(Checksum.byteCount)) == checksum(payload, context) else {
            throw StoreError(.damaged, "opening what was tampered with")
        }
        return payload
    }

    private func checksum(_ payload: [UInt8], _ context: [UInt8]) -> [UInt8] {
        var bytes = context
        withUnsafeBytes(of: UInt64(context.count)) { bytes += $0 }
        return Checksum.bytes(bytes + payload, key: UInt64(slot) << 32 | UInt64(generation))
    }
}

/// A keyed checksum of 128 bits, in place of an HMAC: two FNV-1a sums, mixed at the end.
enum Checksum {
    static let byteCount = 16

    static func bytes(_ bytes: [UInt8], key: UInt64) -> [UInt8] {
        var low: UInt64 = 0xCBF2_9CE4_8422_2325 ^ key
        var high: UInt64 = 0x9E37_79B9_7F4A_7C15 &+ key
        for byte in bytes {
            low = (low ^ UInt64(byte)) &* 0x100_0000_01B3
            high = (high ^ UInt64(byte)) &* 0x9FB2_1C65_1E98_DF25
            high ^= high >> 29
        }
        var random = Random(seed: low ^ key)
        let words = (random.next() &+ high, random.next() ^ (high &* 0xBF58_476D_1CE4_E5B9))
        return withUnsafeBytes(of: words) { Array($0) }
    }
}
