package import Store
import Synchronization

/// Which partitions a tenant has: counted, and walked a piece at a time.
extension KeyVault {
    /// How many partitions of a tenant live; kept in memory, so it costs the same however many there are.
    package func partitionCount(of tenant: TenantNumber) -> Int {
        state.withLock { $0.partitionCounts[tenant] ?? 0 }
    }

    /// A piece of a walk over the slots.
    package struct Walk: Sendable {
        package var found: [(slot: UInt32, address: PartitionAddress)] = []
        /// Where to go on; nil at the end.
        package var next: UInt32?
    }

    /// Addresses of a tenant's live partitions, in the order of their slots.
    /// - Parameters:
    ///   - start: the first slot to look at.
    ///   - slotsMax: how many slots it looks at, whosever they are.
    package func partitions(
        of tenant: TenantNumber, from start: UInt32, slotsMax: Int, limit: Int
    ) throws(StoreError) -> Walk {
        var walk = Walk()
        walk.next = try file.forEach(from: start, slotsMax: slotsMax) { slot, record in
            guard record.tenant == tenant, record.state == .live, record.kind == .data else { return true }
            walk.found.append((slot, PartitionAddress(tenant: tenant, digest: record.digest)))
            return walk.found.count < limit
        } isOfInterest: {
            SlotRecord.tenant(in: $0) == tenant
        }
        return walk
    }
}

extension SlotFile {
    private static let slotsPerPiece = 1024

    /// Calls `body` with slots in order, until it returns false or `slotsMax` have been looked at.
    ///
    /// - Parameter isOfInterest: a first look at the bytes, which spares the others their checksum.
    /// - Returns: the slot to go on from; nil at the end.
    func forEach(
        from start: UInt32, slotsMax: Int, _ body: (UInt32, SlotRecord) -> Bool, isOfInterest: (UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> UInt32? {
        let end = min(slotCount, Int(start) + slotsMax)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.slotsPerPiece * SlotRecord.byteCount, alignment: 16)
        defer { piece.deallocate() }
        for first in stride(from: Int(start), to: end, by: Self.slotsPerPiece) {
            let count = try readFirst(into: piece, slot: UInt32(first)) / SlotRecord.byteCount
            for place in 0..<min(count, end - first) {
                let range = (place * SlotRecord.byteCount)..<((place + 1) * SlotRecord.byteCount)
                let bytes = UnsafeRawBufferPointer(rebasing: piece[range])
                guard isOfInterest(bytes) else { continue }
                let slot = UInt32(first + place)
                // One that was being written while the piece was read is whole when it is read by itself.
                let record = if let whole = SlotRecord(bytes) { whole } else { try read(slot) }
                if !body(slot, record) { return slot + 1 }
            }
        }
        return end < slotCount ? UInt32(end) : nil
    }
}
