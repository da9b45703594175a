package import Store

/// Finds the slot of a partition: an open-addressing table of 8 bytes an entry, since millions of users have one each.
///
/// It keeps 32 bits of each digest; a candidate is confirmed by its slot, which holds the whole.
package struct SlotIndex: Sendable {
    private static let loadMax = 0.7

    /// Fingerprint in the upper half, slot + 1 in the lower; 0 is empty.
    private var entries = [UInt64](repeating: 0, count: 1024)
    private var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// The first candidate that `isRight` confirms.
    package func slot(
        of address: PartitionAddress, where isRight: (UInt32) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt32? {
        for slot in candidates(for: address) where try isRight(slot) { return slot }
        return nil
    }

    /// Slots that may be the partition's: mostly the one, or none.
    package func candidates(for address: PartitionAddress) -> [UInt32] {
        let fingerprint = Self.fingerprint(address)
        var slots: [UInt32] = []
        var place = Int(fingerprint) & (entries.count - 1)
        while entries[place] != 0 {
            if entries[place] >> 32 == fingerprint { slots.append(UInt32(truncatingIfNeeded: entries[place]) - 1) }
            place = (place + 1) & (entries.count - 1)
        }
        return slots
    }

    /// Whether the slot is among the partition's candidates.
    package func holds(_ address: PartitionAddress, slot: UInt32) -> Bool {
        candidates(for: address).contains(slot)
    }

    package mutating func insert(_ address: PartitionAddress, slot: UInt32) {
        if Double(count + 1) > Double(entries.count) * Self.loadMax { grow() }
        put(Self.fingerprint(address) << 32 | UInt64(slot + 1))
        count += 1
    }

    /// Removes the entry and closes the gap, so that no tombstones are needed.
    /// - Returns: whether it was there.
    @discardableResult
    package mutating func remove(_ address: PartitionAddress, slot: UInt32) -> Bool {
        let entry = Self.fingerprint(address) << 32 | UInt64(slot + 1)
        var place = Int(entry >> 32) & (entries.count - 1)
        while entries[place] != entry {
            guard entries[place] != 0 else { return false }
            place = (place + 1) & (entries.count - 1)
        }
        count -= 1
        entries[place] = 0
        place = (place + 1) & (entries.count - 1)
        while entries[place] != 0 {
            let moved = entries[place]
            entries[place] = 0
            put(moved)
            place = (place + 1) & (entries.count - 1)
        }
        return true
    }

    private mutating func put(_ entry: UInt64) {
        var place = Int(entry >> 32) & (entries.count - 1)
        while entries[place] != 0 { place = (place + 1) & (entries.count - 1) }
        entries[place] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = [UInt64](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { put(entry) }
    }

    private static func fingerprint(_ address: PartitionAddress) -> UInt64 {
        // The digest is an HMAC, hence uniform as it is.
        (address.low ^ UInt64(address.tenant.value)) & 0xFFFF_FFFF
    }
}
