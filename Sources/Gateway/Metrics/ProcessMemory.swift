import Glibc

/// The memory of this process, as Linux tells it.
struct ProcessMemory {
    let residentBytes: Int

    /// nil where `/proc` does not tell it.
    static var now: ProcessMemory? {
        // proc(5): size, resident, …, in pages.
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return ProcessMemory(residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)))
    }
}
