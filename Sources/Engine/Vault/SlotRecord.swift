package import Store
import Tokens

/// One slot of the key vault: 128 bytes that keep one wrapped key.
///
/// ```
/// magic 4 · state 1 · kind 1 · zero 2 · generation 4 · tenant 4 · digest 16 · wrappedBy 4 · wrapped key 60 · zero 28 · CRC-32 4
/// ```
/// Integers are big-endian. The checksum finds torn and rotten slots; that a key is the right one is authenticated by its wrapping.
package struct SlotRecord: Equatable, Sendable {
    package enum State: UInt8, Sendable {
        case free
        /// On disk, its items not yet committed.
        case reserved
        case live
    }

    package enum Kind: UInt8, Sendable {
        case none
        /// HMAC key of a tenant's partition names; wrapped by the master key.
        case naming
        /// Wraps a tenant's data keys; wrapped by the master key. `digest` holds its version.
        case wrapping
        /// Data key of a partition; wrapped by its tenant's wrapping key.
        case data
    }

    package static let byteCount = 128
    private static let magic: [UInt8] = Array("AtV1".utf8)
    package static let wrappedByteCount = 60

    package var state = State.free
    package var kind = Kind.none
    /// Grows with every use of the slot, so that a re-used slot opens nothing old.
    package var generation: UInt32 = 0
    package var tenant = TenantNumber(0)
    package var digest = [UInt8](repeating: 0, count: 16)
    /// Number of the master key, or version of the tenant's wrapping key.
    package var wrappedBy: UInt32 = 0
    package var wrapped = [UInt8](repeating: 0, count: wrappedByteCount)

    package init() {}

    /// - Returns: nil for a slot that is torn or rotten. Zeros are a free slot that was never used.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        if bytes.allSatisfy({ $0 == 0 }) { return }
        func integer(at offset: Int) -> UInt32 { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        guard bytes.count == Self.byteCount, bytes[..<4].elementsEqual(Self.magic),
            integer(at: Self.byteCount - 4) == CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(Self.byteCount - 4)])),
            let state = State(rawValue: bytes[4]), let kind = Kind(rawValue: bytes[5])
        else { return nil }
        self.state = state
        self.kind = kind
        generation = integer(at: 8)
        tenant = TenantNumber(integer(at: 12))
        digest = Array(bytes[16..<32])
        wrappedBy = integer(at: 32)
        wrapped = Array(bytes[36..<96])
    }

    /// The tenant of a slot whose checksum nobody has looked at yet.
    static func tenant(in bytes: UnsafeRawBufferPointer) -> TenantNumber {
        TenantNumber(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
    }

    package var bytes: [UInt8] {
        var bytes = Self.magic + [state.rawValue, kind.rawValue, 0, 0]
        bytes.append(bigEndian: generation)
        bytes.append(bigEndian: tenant.value)
        bytes += digest
        bytes.append(bigEndian: wrappedBy)
        bytes += wrapped
        bytes += [UInt8](repeating: 0, count: Self.byteCount - 4 - bytes.count)
        bytes.append(bigEndian: bytes.withUnsafeBytes { CRC32.checksum($0) })
        return bytes
    }

    /// What a key is bound to when it is wrapped.
    func context(slot: UInt32) -> [UInt8] {
        var context: [UInt8] = [kind.rawValue]
        context.append(bigEndian: slot)
        context.append(bigEndian: generation)
        context.append(bigEndian: tenant.value)
        context.append(bigEndian: wrappedBy)
        return context + digest
    }

    /// What destroying leaves of a slot.
    static func free(generation: UInt32) -> SlotRecord {
        var record = SlotRecord()
        record.generation = generation
        return record
    }
}

extension [UInt8] {
    mutating func append(bigEndian integer: UInt32) {
        Swift.withUnsafeBytes(of: integer.bigEndian) { self += $0 }
    }
}
