import Engine
import Foundation
import Store
import Testing

@Suite struct DiagnoseTests {
    private func filled() async throws -> EngineFixture {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        for number in 0..<50 { try await fixture.use("a", by: "u\(number)", scope) }
        return fixture
    }

    @Test func aWholeFolderIsHealthy() async throws {
        let answer = try await Diagnose().perform(on: filled().engine)
        #expect(answer.healthy)
        #expect(answer.tenants == 1)
        // Of the installation one, of the tenant keys, tokens and log, and the users.
        #expect(answer.partitions == 54)
        #expect(answer.items >= 54)
    }

    /// A bit of a sealed record: neither readers nor the doctor take it for data.
    @Test func aFlippedBitIsFound() async throws {
        let fixture = try await filled()
        await fixture.engine.close()
        let path = "\(fixture.dataPath)/store/data.mdb"
        let entityType = Array("PersonalizationProfile".utf8)
        let bytes = try Files.bytes(path)
        let places = bytes.indices.dropLast(entityType.count).filter {
            bytes[$0] == entityType[0] && Array(bytes[$0..<($0 + entityType.count)]) == entityType
        }
        #expect(!places.isEmpty)
        for place in places {
            try Files.overwrite(path, at: place + entityType.count + 20, with: [bytes[place + entityType.count + 20] ^ 1])
        }
        let opened = try await EngineFixture(fixture.folder)
        let answer = try await Diagnose().perform(on: opened.engine)
        #expect(!answer.healthy)
        #expect(answer.problems.contains { $0.contains("integrity") })
        let scope = try opened.scope(try await opened.makeKey().key)
        for number in 0..<50 { #expect(await opened.code { _ = try await opened.profile(of: "u\(number)", scope) } == .damaged) }
    }

    @Test func aLostPartitionIsFoundAndIsNoUnseenUser() async throws {
        let fixture = try await filled()
        await fixture.engine.close()
        try fixture.folder.copy("data/store", as: "old-store")
        let later = try await EngineFixture(fixture.folder)
        try await later.use("a", by: "lost", later.scope(try await later.makeKey().key))
        await later.engine.close()
        try FileManager.default.removeItem(atPath: "\(fixture.dataPath)/store")
        try fixture.folder.copy("old-store", as: "data/store")
        let opened = try await EngineFixture(fixture.folder)
        #expect(try await Diagnose().perform(on: opened.engine).problems.contains { $0.contains("missing") })
        let scope = try opened.scope(try await opened.makeKey().key)
        #expect(await opened.code { _ = try await opened.profile(of: "lost", scope) } == .damaged)
        #expect(try await opened.profile(of: "u1", scope).version > 0)
    }

    @Test func aTornSlotIsFoundAndRepairedAtTheNextStart() async throws {
        let fixture = try await filled()
        try Files.overwrite("\(fixture.dataPath)/vault/keys.b", at: 10 * SlotRecord.byteCount + 50, with: [1, 2, 3])
        #expect(try await Diagnose().perform(on: fixture.engine).problems.contains { $0.contains("differ") })
        let reopened = try await fixture.reopened()
        #expect(try await Diagnose().perform(on: reopened.engine).problems == [])
    }

    // MARK: Crashes between vault and commit

    /// A user whose slot was reserved and whose items were not committed is nobody; also where an earlier life has left items.
    @Test(arguments: [false, true])
    func aUserWhoWasNotCommittedIsUnseen(hadEarlierLife: Bool) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        if hadEarlierLife { try await fixture.use("old", by: "u1", scope) }
        await fixture.engine.close()
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        let address = try vault.address(of: PartitionKey(tenant: TenantNumber(1), name: Array("USER#u1".utf8)))
        if hadEarlierLife { try vault.destroy(address) }
        _ = try vault.reserve([address])
        let opened = try await EngineFixture(fixture.folder)
        let again = try opened.scope(try await opened.makeKey().key)
        #expect(try await opened.profile(of: "u1", again).version == 0)
        try await opened.use("new", by: "u1", again)
        #expect(try await opened.profile(of: "u1", again).value.features.map(\.feature) == ["new"])
        #expect(try await Diagnose().perform(on: opened.reopened().engine).problems == [])
    }

    @Test func anOldCopyOfTheStoreDoesNotOpenADestroyedUser() async throws {
        let fixture = try await filled()
        await fixture.engine.close()
        try fixture.folder.copy("data/store", as: "old-store")
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        try vault.destroy(vault.address(of: PartitionKey(tenant: TenantNumber(1), name: Array("USER#u1".utf8))))
        for makesAnew in [false, true] {
            try FileManager.default.removeItem(atPath: "\(fixture.dataPath)/store")
            try fixture.folder.copy("old-store", as: "data/store")
            let opened = try await EngineFixture(fixture.folder)
            let scope = try opened.scope(try await opened.makeKey().key)
            #expect(try await opened.profile(of: "u1", scope).version == 0)
            if makesAnew {
                try await opened.use("new", by: "u1", scope)
                #expect(try await opened.profile(of: "u1", scope).value.features.map(\.feature) == ["new"])
            }
            await opened.engine.close()
        }
    }
}
