package import Store
import Synchronization

/// Which partitions a tenant has: counted, and walked a piece at a time.
extension KeyVault {
    /// How many partitions of a tenant live; kept in memory, so it costs the same however many there are.
    package func partitionCount(of tenant: TenantNumber) -> Int {
        state.withLock { $0.partitions[tenant]?.count ?? 0 }
    }

    /// A piece of a walk over the slots.
    package struct Walk: Sendable {
        package var found: [(slot: UInt32, address: PartitionAddress)] = []
        /// Where to go on; nil at the end.
        package var next: UInt32?
        /// How many slots were looked at.
        package var slotsSeen = 0
    }

    /// First slots of a walk in stretches, each of as many of the tenant's partitions.
    package func starts(ofStretches stretches: Int, of tenant: TenantNumber) -> [UInt32] {
        state.withLock { $0.partitions[tenant]?.starts(ofStretches: stretches) ?? [] }
    }

    /// Addresses of a tenant's live partitions, in the order of their slots. Where the tenant has none nothing is read.
    /// - Parameters:
    ///   - start: the first slot to look at.
    ///   - slotsMax: how many slots it looks at: the tenant's, and others' in the same blocks.
    package func partitions(
        of tenant: TenantNumber, from start: UInt32, slotsMax: Int, limit: Int
    ) throws(StoreError) -> Walk {
        var walk = Walk()
        let (ranges, next) = state.withLock { $0.partitions[tenant]?.ranges(from: start, slotsMax: slotsMax) ?? ([], nil) }
        for range in ranges {
            let stop = try file.forEach(in: range) { slot, record in
                guard record.tenant == tenant, record.state == .live, record.kind == .data else { return true }
                walk.found.append((slot, PartitionAddress(tenant: tenant, digest: record.digest)))
                return walk.found.count < limit
            } isOfInterest: {
                SlotRecord.tenant(in: $0) == tenant
            }
            walk.slotsSeen += (stop.map(Int.init) ?? range.upperBound) - range.lowerBound
            if let stop {
                walk.next = stop
                return walk
            }
        }
        walk.next = next
        return walk
    }
}

extension SlotFile {
    private static let slotsPerPiece = 1024

    /// Calls `body` with slots in order, until it returns false.
    ///
    /// - Parameter isOfInterest: a first look at the bytes, which spares the others their checksum.
    /// - Returns: the slot to go on from where `body` stopped it; nil at the end of the range.
    func forEach(
        in range: Range<Int>, _ body: (UInt32, SlotRecord) -> Bool, isOfInterest: (UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> UInt32? {
        let capacity = min(Self.slotsPerPiece, range.count)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity * SlotRecord.byteCount, alignment: 16)
        defer { piece.deallocate() }
        for first in stride(from: range.lowerBound, to: range.upperBound, by: capacity) {
            let count = try readFirst(into: piece, slot: UInt32(first)) / SlotRecord.byteCount
            for place in 0..<min(count, range.upperBound - first) {
                let bytes = UnsafeRawBufferPointer(
                    rebasing: piece[(place * SlotRecord.byteCount)..<((place + 1) * SlotRecord.byteCount)])
                guard isOfInterest(bytes) else { continue }
                let slot = UInt32(first + place)
                // One that was being written while the piece was read is whole when it is read by itself.
                let record = if let whole = SlotRecord(bytes) { whole } else { try read(slot) }
                if !body(slot, record) { return slot + 1 }
            }
        }
        return nil
    }
}
