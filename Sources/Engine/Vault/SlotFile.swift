import Glibc
import Store

/// The vault's slots on disk, twice: each write goes to the first file and is synced, then to the second, so that at any moment one
/// of the two is whole.
///
/// Reads and writes are positional and touch whole slots; whoever owns the file keeps two writes of one slot apart.
final class SlotFile: Sendable {
    private static let slotsPerGrowth = 8192
    private static let slotsPerRead = 4096
    static let names = ["keys.a", "keys.b"]

    private let files: [Int32]

    /// Opens the two files in a folder, making what is missing.
    /// - Parameter writes: false: only to be read; nothing is made.
    init(folder: String, writes: Bool = true) throws(StoreError) {
        if writes { try Folder.make(folder) }
        var files: [Int32] = []
        for name in Self.names {
            let file = open("\(folder)/\(name)", writes ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0o600)
            guard file >= 0 else {
                let number = errno
                for file in files { close(file) }
                throw StoreError(.cannotOpen, "opening the key vault", number: number)
            }
            files.append(file)
        }
        self.files = files
        if writes { try Folder.sync(folder) }
    }

    deinit {
        for file in files { close(file) }
    }

    /// Number of slots that there is room for.
    var slotCount: Int {
        files.map { Int(lseek($0, 0, SEEK_END)) / SlotRecord.byteCount }.max() ?? 0
    }

    /// Writes slots to both files, one synced after the other: durable when it returns.
    func write(_ records: [(slot: UInt32, record: SlotRecord)]) throws(StoreError) {
        for file in files {
            try put(records, in: file)
            guard fdatasync(file) == 0 else { throw StoreError(.cannotCommit, "syncing the key vault", number: errno) }
        }
    }

    /// Writes slots to both files without waiting for the disk: for what a restart finds out by itself.
    func writeUnsynced(_ records: [(slot: UInt32, record: SlotRecord)]) throws(StoreError) {
        for file in files { try put(records, in: file) }
    }

    private func put(_ records: [(slot: UInt32, record: SlotRecord)], in file: Int32) throws(StoreError) {
        for (slot, record) in records {
            let bytes = record.bytes
            guard pwrite(file, bytes, bytes.count, Self.offset(slot)) == bytes.count else {
                throw StoreError(.cannotCommit, "writing the key vault", number: errno)
            }
        }
    }

    /// Makes room for more slots and syncs it, in large steps, so that single writes need not change the files' size.
    func grow() throws(StoreError) {
        let bytes = off_t((slotCount + Self.slotsPerGrowth) * SlotRecord.byteCount)
        for file in files {
            let result = posix_fallocate(file, 0, bytes)
            guard result == 0, fsync(file) == 0 else {
                throw StoreError(.cannotCommit, "growing the key vault", number: result == 0 ? errno : result)
            }
        }
    }

    /// Overwrites everything with zeros, in place.
    func wipe() throws(StoreError) {
        let zeros = [UInt8](repeating: 0, count: Self.slotsPerRead * SlotRecord.byteCount)
        let bytes = slotCount * SlotRecord.byteCount
        for file in files {
            for start in stride(from: 0, to: bytes, by: zeros.count) {
                let count = min(zeros.count, bytes - start)
                guard pwrite(file, zeros, count, off_t(start)) == count else {
                    throw StoreError(.cannotCommit, "wiping a key vault", number: errno)
                }
            }
            guard fsync(file) == 0 else { throw StoreError(.cannotCommit, "wiping a key vault", number: errno) }
        }
    }

    private static func offset(_ slot: UInt32) -> off_t { off_t(slot) * off_t(SlotRecord.byteCount) }
}

/// Reading.
extension SlotFile {
    /// The slot, from the copy that holds.
    /// - Throws: `.damaged` where neither copy is whole.
    func read(_ slot: UInt32) throws(StoreError) -> SlotRecord {
        guard let record = copies(slot).whole else { throw StoreError(.damaged, "reading a slot of the key vault") }
        return record
    }

    /// The slot from the first file, which is written first, or from the copy that holds where that one is torn or rotten.
    ///
    /// For keys in use: the two files were compared at the start, so one read does.
    func readPresent(_ slot: UInt32) throws(StoreError) -> SlotRecord {
        let record = withUnsafeTemporaryAllocation(byteCount: SlotRecord.byteCount, alignment: 16) { buffer -> SlotRecord? in
            let count = pread(files[0], buffer.baseAddress, SlotRecord.byteCount, Self.offset(slot))
            return count == SlotRecord.byteCount ? SlotRecord(UnsafeRawBufferPointer(buffer)) : nil
        }
        if let record { return record }
        return try read(slot)
    }

    /// Fills `piece` from the first file.
    /// - Returns: the bytes read; fewer at the end.
    func readFirst(into piece: UnsafeMutableRawBufferPointer, slot: UInt32) throws(StoreError) -> Int {
        let count = pread(files[0], piece.baseAddress, piece.count, Self.offset(slot))
        guard count >= 0 else { throw StoreError(.engine, "reading the key vault", number: errno) }
        return count
    }

    func copies(_ slot: UInt32) -> SlotCopies {
        withUnsafeTemporaryAllocation(byteCount: 2 * SlotRecord.byteCount, alignment: 16) { buffer in
            let (first, second) = Self.halves(UnsafeRawBufferPointer(buffer))
            let counts = [first, second].indices.map { copy in
                pread(
                    files[copy], buffer.baseAddress?.advanced(by: copy * SlotRecord.byteCount), SlotRecord.byteCount, Self.offset(slot))
            }
            return Self.copies(counts[0] == SlotRecord.byteCount ? first : nil, counts[1] == SlotRecord.byteCount ? second : nil)
        }
    }

    private static func halves(_ buffer: UnsafeRawBufferPointer) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        let middle = buffer.count / 2
        return (UnsafeRawBufferPointer(rebasing: buffer[..<middle]), UnsafeRawBufferPointer(rebasing: buffer[middle...]))
    }

    /// Decodes two copies, only once where they are the same bytes, as they are but in bad times.
    private static func copies(_ first: UnsafeRawBufferPointer?, _ second: UnsafeRawBufferPointer?) -> SlotCopies {
        let record = first.flatMap(SlotRecord.init)
        if let first = first?.baseAddress, let second = second?.baseAddress, memcmp(first, second, SlotRecord.byteCount) == 0 {
            return SlotCopies(first: record, second: record)
        }
        return SlotCopies(first: record, second: second.flatMap(SlotRecord.init))
    }

    /// Calls `body` with every slot in order, reading in large pieces.
    /// - Throws: `.damaged` where neither copy of a slot is whole.
    func forEach(_ body: (UInt32, SlotRecord) throws(StoreError) -> Void) throws(StoreError) {
        try forEachCopies { slot, copies throws(StoreError) in
            // A slot that was being written while the piece was read is whole when it is read by itself.
            if let record = copies.whole { try body(slot, record) } else { try body(slot, try read(slot)) }
        }
    }

    /// Calls `body` with both copies of every slot in order, reading in large pieces.
    func forEachCopies(_ body: (UInt32, SlotCopies) throws(StoreError) -> Void) throws(StoreError) {
        let bytesPerRead = Self.slotsPerRead * SlotRecord.byteCount
        let pieces = UnsafeMutableRawBufferPointer.allocate(byteCount: files.count * bytesPerRead, alignment: 16)
        defer { pieces.deallocate() }
        let (first, second) = Self.halves(UnsafeRawBufferPointer(pieces))
        let count = slotCount
        for start in stride(from: 0, to: count, by: Self.slotsPerRead) {
            let read = files.indices.map { copy in
                pread(files[copy], pieces.baseAddress?.advanced(by: copy * bytesPerRead), bytesPerRead, Self.offset(UInt32(start)))
            }
            for place in 0..<min(Self.slotsPerRead, count - start) {
                let range = (place * SlotRecord.byteCount)..<((place + 1) * SlotRecord.byteCount)
                let copies = Self.copies(
                    range.upperBound <= read[0] ? UnsafeRawBufferPointer(rebasing: first[range]) : nil,
                    range.upperBound <= read[1] ? UnsafeRawBufferPointer(rebasing: second[range]) : nil)
                try body(UInt32(start + place), copies)
            }
        }
    }

    /// Slots of which only one copy is whole, or the two differ.
    func unequalSlots() throws(StoreError) -> [UInt32] {
        var slots: [UInt32] = []
        try forEachCopies { slot, copies in
            if !copies.areEqual { slots.append(slot) }
        }
        return slots
    }
}
