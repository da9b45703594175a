import Glibc
import Store

/// The vault's slots on disk, twice: each write goes to the first file and is synced, then to the second, so that at any moment one
/// of the two is whole.
///
/// Reads and writes are positional and touch whole slots; whoever owns the file keeps two writes of one slot apart.
final class SlotFile: Sendable {
    private static let slotsPerGrowth = 8192
    static let names = ["keys.a", "keys.b"]

    private let files: [Int32]

    /// Opens the two files in a folder, making what is missing.
    init(folder: String) throws(StoreError) {
        try Folder.make(folder)
        var files: [Int32] = []
        for name in Self.names {
            let file = open("\(folder)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw StoreError(.cannotOpen, "opening the key vault", number: errno) }
            files.append(file)
        }
        try Folder.sync(folder)
        self.files = files
    }

    deinit {
        for file in files { close(file) }
    }

    /// Number of slots that there is room for.
    var slotCount: Int {
        files.map { Int(lseek($0, 0, SEEK_END)) / SlotRecord.byteCount }.max() ?? 0
    }

    /// The slot, from the first file whose copy is whole.
    func read(_ slot: UInt32) throws(StoreError) -> SlotRecord {
        for copy in files.indices {
            if let record = read(slot, copy: copy) { return record }
        }
        throw StoreError(.damaged, "reading a slot of the key vault")
    }

    /// One copy of a slot; nil where it is torn, rotten or past the end.
    func read(_ slot: UInt32, copy: Int) -> SlotRecord? {
        withUnsafeTemporaryAllocation(byteCount: SlotRecord.byteCount, alignment: 16) { buffer in
            let count = pread(files[copy], buffer.baseAddress, buffer.count, Self.offset(slot))
            return count == buffer.count ? SlotRecord(UnsafeRawBufferPointer(buffer)) : nil
        }
    }

    /// Calls `body` with every slot in order, reading in large pieces.
    /// - Throws: `.damaged` where neither copy of a slot is whole.
    func forEach(_ body: (UInt32, SlotRecord) throws(StoreError) -> Void) throws(StoreError) {
        let slotsPerRead = 4096
        var piece = [UInt8](repeating: 0, count: slotsPerRead * SlotRecord.byteCount)
        var slot: UInt32 = 0
        while true {
            let count = piece.withUnsafeMutableBytes { pread(files[0], $0.baseAddress, $0.count, Self.offset(slot)) }
            guard count >= SlotRecord.byteCount else { return }
            for place in 0..<(count / SlotRecord.byteCount) {
                let range = (place * SlotRecord.byteCount)..<((place + 1) * SlotRecord.byteCount)
                let record = piece.withUnsafeBytes { SlotRecord(UnsafeRawBufferPointer(rebasing: $0[range])) }
                if let record { try body(slot, record) } else { try body(slot, try read(slot)) }
                slot += 1
            }
        }
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
            guard posix_fallocate(file, 0, bytes) == 0, fsync(file) == 0 else {
                throw StoreError(.cannotCommit, "growing the key vault", number: errno)
            }
        }
    }

    private static func offset(_ slot: UInt32) -> off_t { off_t(slot) * off_t(SlotRecord.byteCount) }
}

extension SlotFile {
    /// Slots of which only one copy is whole, or the two differ.
    func tornSlots() -> Int {
        (0..<UInt32(slotCount)).count { read($0, copy: 0) != read($0, copy: 1) }
    }
}
