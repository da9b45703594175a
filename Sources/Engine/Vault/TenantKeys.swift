import AttuneCrypto
import Store

/// A tenant's keys, unwrapped.
struct TenantKeys: Sendable {
    /// Makes digests of partition names and of strings from outside; never rotated, destroyed with the tenant.
    let naming: HMACSHA256Key
    /// Keys that wrap data keys, by version; more than one only while slots are being re-wrapped.
    var wrapping: [UInt32: SymmetricKey]
    /// The version that wraps.
    var currentVersion: UInt32
    /// The version tried last, which a failed write may have left on disk.
    var lastVersion: UInt32

    init(naming: HMACSHA256Key, wrapping: [UInt32: SymmetricKey], currentVersion: UInt32) {
        self.naming = naming
        self.wrapping = wrapping
        self.currentVersion = currentVersion
        lastVersion = currentVersion
    }
}

/// The key of one partition.
struct DataSeal: PartitionSeal {
    let slot: UInt32
    let generation: UInt32
    let tenant: TenantNumber
    let key: SymmetricKey

    func seal(_ payload: [UInt8], context: [UInt8]) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            return try key.seal(payload, aad: context)
        } catch {
            throw StoreError(.engine, "sealing an item")
        }
    }

    func open(_ sealed: RawSpan, context: [UInt8]) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            return try key.open(sealed, aad: context)
        } catch {
            throw StoreError(.damaged, "opening an item")
        }
    }
}
