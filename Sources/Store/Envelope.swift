/// The stored form of an item: a header in clear, bound to the key and authenticated, and the sealed payload.
///
/// ```
/// format 1 · slot 4 · generation 4 · version 8 · expiresAt 8 (0: never) · length 1 · entityType · sealed payload
/// ```
/// Integers are big-endian. The header and the physical key are the associated data of the seal: a record that was moved, swapped or
/// flipped does not open.
struct Envelope {
    private static let format: UInt8 = 1
    private static let fixedByteCount = 26

    let slot: UInt32
    let generation: UInt32
    let version: UInt64
    let expiresAt: Int64?
    private let headerByteCount: Int

    /// Reads the header. It is to be believed once `open` has succeeded.
    init(_ record: RawSpan) throws(StoreError) {
        guard record.byteCount >= Self.fixedByteCount, record.unsafeLoad(as: UInt8.self) == Self.format else {
            throw StoreError(.damaged, "reading an envelope")
        }
        slot = UInt32(bigEndian: record.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt32.self))
        generation = UInt32(bigEndian: record.unsafeLoadUnaligned(fromByteOffset: 5, as: UInt32.self))
        version = UInt64(bigEndian: record.unsafeLoadUnaligned(fromByteOffset: 9, as: UInt64.self))
        let expiry = Int64(bigEndian: record.unsafeLoadUnaligned(fromByteOffset: 17, as: Int64.self))
        expiresAt = expiry == 0 ? nil : expiry
        headerByteCount = Self.fixedByteCount + Int(record.unsafeLoad(fromByteOffset: Self.fixedByteCount - 1, as: UInt8.self))
        guard record.byteCount >= headerByteCount else { throw StoreError(.damaged, "reading an envelope") }
    }

    /// - Throws: `.damaged` for a record that is not what was sealed under this key in this life of the slot.
    static func open(_ record: RawSpan, key: PhysicalKey, seal: any PartitionSeal) throws(StoreError) -> Item {
        let envelope = try Envelope(record)
        guard envelope.slot == seal.slot, envelope.generation == seal.generation else {
            throw StoreError(.damaged, "opening a record of another life of its slot")
        }
        let header = record.extracting(first: envelope.headerByteCount).withUnsafeBytes { Array($0) }
        let payload = try seal.open(record.extracting(droppingFirst: envelope.headerByteCount), context: key.bytes + header)
        return Item(
            entityType: String(decoding: header[fixedByteCount...], as: UTF8.self), version: envelope.version,
            expiresAt: envelope.expiresAt, payload: payload)
    }

    static func seal(_ item: Item, key: PhysicalKey, seal: any PartitionSeal) throws(StoreError) -> [UInt8] {
        let entityTypeByteCount = item.entityType.utf8.count
        guard entityTypeByteCount <= StoreLimits.entityTypeBytesMax else { throw StoreError(.tooLarge, "sealing an item") }
        var header: [UInt8] = []
        header.reserveCapacity(fixedByteCount + 28 + item.payload.count)
        header.append(format)
        append(seal.slot, to: &header)
        append(seal.generation, to: &header)
        append(item.version, to: &header)
        append(item.expiresAt ?? 0, to: &header)
        header.append(UInt8(entityTypeByteCount))
        header += item.entityType.utf8
        header += try seal.seal(item.payload, context: key.bytes + header)
        return header
    }

    private static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) { bytes += $0 }
    }
}
