/// Where a tenant's slots lie, coarsely: how many of them each block of the vault's slots holds.
///
/// A walk over the tenant's slots reads only blocks that hold some, so others' slots cost it no more than the rest of those blocks.
/// Only such blocks have an entry, of 8 bytes: one for 128 slots where a tenant's slots lie together, and never more than one a slot.
package struct SlotBlocks: Sendable {
    package static let slotsPerBlockDefault: UInt32 = 128

    private struct Block: Sendable {
        let number: UInt32
        var slots: UInt32
    }

    private let slotsPerBlock: UInt32
    /// By number.
    private var blocks: [Block] = []
    /// Of all slots.
    package private(set) var count = 0

    package init(slotsPerBlock: UInt32 = slotsPerBlockDefault) {
        self.slotsPerBlock = slotsPerBlock
    }

    package mutating func insert(_ slot: UInt32) {
        let number = slot / slotsPerBlock
        let place = place(of: number)
        if place < blocks.count, blocks[place].number == number {
            blocks[place].slots += 1
        } else {
            blocks.insert(Block(number: number, slots: 1), at: place)
        }
        count += 1
    }

    /// - Parameter slot: one that was inserted, and not removed since.
    package mutating func remove(_ slot: UInt32) {
        let number = slot / slotsPerBlock
        let place = place(of: number)
        guard place < blocks.count, blocks[place].number == number else { return }
        blocks[place].slots -= 1
        if blocks[place].slots == 0 { blocks.remove(at: place) }
        count -= 1
    }

    /// The slots to look at, in order; blocks that follow each other are one range.
    /// - Parameters:
    ///   - start: the first slot.
    ///   - slotsMax: of how many slots at most, together.
    /// - Returns: `next` is where to go on; nil where nothing is left.
    package func ranges(from start: UInt32, slotsMax: Int) -> (ranges: [Range<Int>], next: UInt32?) {
        var ranges: [Range<Int>] = []
        var slotsLeft = slotsMax
        for block in blocks[place(of: start / slotsPerBlock)...] {
            let end = Int(block.number + 1) * Int(slotsPerBlock)
            let first = max(Int(start), end - Int(slotsPerBlock))
            guard slotsLeft > 0 else { return (ranges, UInt32(first)) }
            let range = first..<min(end, first + slotsLeft)
            slotsLeft -= range.count
            if let last = ranges.last, last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
            if range.upperBound < end { return (ranges, UInt32(range.upperBound)) }
        }
        return (ranges, nil)
    }

    /// First slots of the blocks at which a walk in `count` stretches, of as many of the tenant's slots each, starts.
    package func starts(ofStretches stretches: Int) -> [UInt32] {
        var starts: [UInt32] = []
        var before = 0
        for block in blocks {
            // The block holds the slots `before..<before + block.slots` of the tenant's.
            while starts.count < stretches, count * starts.count / stretches < before + Int(block.slots) {
                starts.append(block.number * slotsPerBlock)
            }
            before += Int(block.slots)
        }
        return starts
    }

    /// The place of the first block of that number or a higher one.
    private func place(of number: UInt32) -> Int {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
