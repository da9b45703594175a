import FoundationEssentials
import Store

/// An LMDB engine in a folder of its own, which goes when the fixture is removed.
actor LMDBFixture: EngineFixture {
    nonisolated let vault = TestVault()
    nonisolated let folder: String
    private nonisolated let configuration: LMDBEngine.Configuration
    private(set) var lmdb: LMDBEngine

    var engine: any StorageEngine { lmdb }

    init(bytesMax: Int = StoreLimits.mapBytesMax, mapBytesInitial: Int = 1_048_576) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "attune-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        folder = "\(root)/store"
        configuration = LMDBEngine.Configuration(folder: folder, bytesMax: bytesMax, mapBytesInitial: mapBytesInitial)
        lmdb = try LMDBEngine(configuration, vault: vault, now: 0)
    }

    func reopen() throws {
        try reopen(now: 0)
    }

    func reopen(now: Int64) throws {
        lmdb.close()
        lmdb = try LMDBEngine(configuration, vault: vault, now: now)
    }

    func close() {
        lmdb.close()
    }

    func remove() {
        lmdb.close()
        try? FileManager.default.removeItem(atPath: String(folder.dropLast("/store".count)))
    }

    /// Runs a test with a fixture of its own.
    static func with(
        bytesMax: Int = StoreLimits.mapBytesMax, mapBytesInitial: Int = 1_048_576, _ body: (LMDBFixture) async throws -> Void
    ) async throws {
        let fixture = try LMDBFixture(bytesMax: bytesMax, mapBytesInitial: mapBytesInitial)
        do {
            try await body(fixture)
        } catch {
            await fixture.remove()
            throw error
        }
        await fixture.remove()
    }
}
