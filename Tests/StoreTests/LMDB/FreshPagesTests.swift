import Glibc
import Store
import Testing

@Suite("FreshPages")
struct FreshPagesTests {
    @Test("pages behind the used ones are in the page cache before they are written, a bounded number of them")
    func aheadOfWrites() async throws {
        try await LMDBFixture.with(mapBytesInitial: 67_108_864) { fixture in
            let engine = await fixture.lmdb
            try await engine.put(ItemKey("USER#0", "LEAD"), "text")
            let path = "\(fixture.folder)/data.mdb"
            guard try Self.keepsPagesNeverWritten(in: fixture.folder) else { return }
            let used = try engine.usedBytes() / 4096
            let isResident = try Self.residentPages(of: path)
            try #require(isResident.count > used + 4096)
            // The system may have let go of some of them since.
            #expect(isResident[used..<(used + 1024)].count { $0 } > 512)
            #expect(!isResident[(used + 4096)...].contains(true))
        }
    }

    /// In the memory of tmpfs a page that was never written is nowhere, whoever reads it.
    private static func keepsPagesNeverWritten(in folder: String) throws -> Bool {
        let path = "\(folder)/hole"
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        var byte: UInt8 = 0
        try #require(ftruncate(file, 4096) == 0 && pread(file, &byte, 1, 0) == 1)
        return try residentPages(of: path)[0]
    }

    private static func residentPages(of path: String) throws -> [Bool] {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        let bytes = Int(lseek(file, 0, SEEK_END))
        let map = try #require(mmap(nil, bytes, PROT_READ, MAP_SHARED, file, 0))
        defer { munmap(map, bytes) }
        var pages = [UInt8](repeating: 0, count: bytes / 4096)
        try #require(mincore(map, bytes, &pages) == 0)
        return pages.map { $0 & 1 == 1 }
    }
}
