import Engine
import Foundation
import Store
import Testing

@Suite struct OperationsTests {
    /// Through JSON and back, as over the socket.
    private func ask<Requested: EngineOperation>(_ fixture: EngineFixture, _ operation: Requested) async throws -> Requested.Answer {
        let json = Array(try JSONEncoder().encode(OperationRequest(operation)))
        let reply = await fixture.engine.operations.perform(json: json, logger: EngineFixture.logger)
        return try JSONDecoder().decode(OperationReply<Requested.Answer>.self, from: Data(reply)).get()
    }

    private func failure(_ body: () async throws -> Void) async -> OperationFailure? {
        do {
            try await body()
            return nil
        } catch {
            return error as? OperationFailure
        }
    }

    @Test func everyOperationGoesThroughJSON() async throws {
        let fixture = try await EngineFixture()
        let opening = CreateTenant(name: "acme", isConsentOptIn: true, grants: ["ai", "personalization"])
        #expect(try await ask(fixture, opening).consent == "opt-in")
        #expect(try await ask(fixture, ListTenants()).map(\.tenant) == ["acme"])
        #expect(try await ask(fixture, ShowTenant(tenant: "acme")).grants.sorted() == ["ai", "personalization"])
        #expect(try await ask(fixture, SuspendTenant(tenant: "acme", isSuspended: true)).suspended)
        let set = try await ask(fixture, SetTenant(tenant: "acme", retentionDays: 90, ratingHalfLifeDays: 7))
        #expect(set.retentionDays == 90 && set.ratingHalfLifeDays == 7 && set.explicitScoreDays == 30 && set.suspended)
        for wrong in [
            SetTenant(tenant: "acme"), SetTenant(tenant: "acme", retentionDays: 0), SetTenant(tenant: "acme", retentionDays: 3651),
            SetTenant(tenant: "acme", ratingHalfLifeDays: .nan), SetTenant(tenant: "acme", explicitScoreDays: -1),
        ] {
            #expect(await fixture.code { _ = try await wrong.perform(on: fixture.engine) } == .invalid)
        }
        #expect(try await ask(fixture, ShowTenant(tenant: "acme")).retentionDays == 90)
        #expect(try await !ask(fixture, SuspendTenant(tenant: "acme", isSuspended: false)).suspended)
        let key = try await ask(fixture, CreateKey(tenant: "acme", kind: "secret", label: "server", origins: []))
        try await fixture.use("a", by: "u1", fixture.scope(key.key))
        let rotated = try await ask(fixture, RotateKey(id: key.id, overlapSeconds: 10))
        #expect(try await ask(fixture, ListKeys(tenant: "acme")).map(\.id).sorted() == [key.id, rotated.id].sorted())
        #expect(try await ask(fixture, RevokeKey(id: key.id)).revokedAt != nil)
        let token = try await ask(fixture, MintToken(tenant: "acme", user: "u1", scopes: ["profile:read"], ttlSeconds: 5))
        #expect(token.expiresIn == 5 && token.tokenType == "Bearer")
        #expect(try await ask(fixture, RotateTokenKey(tenant: "acme", publishedAheadSeconds: nil)).tenant == "acme")
        let user = try await ask(fixture, ShowUser(tenant: "acme", user: "u1"))
        #expect(user.items == 1 && user.personalization != nil)
        #expect(try await ask(fixture, ListUserItems(tenant: "acme", user: "u1")).map(\.sort) == ["PERSONALIZATION"])
        #expect(try await ask(fixture, Diagnose()).healthy)
        #expect(try await ask(fixture, RotateMasterKey()).done)
        #expect(try await ask(fixture, RotateWrappingKey(tenant: "acme")).done)
        #expect(try await ask(fixture, BackUp(folder: "\(fixture.folder.path)/backup")).bytes > 0)
        let export = try await ask(fixture, ExportTenant(tenant: "acme", path: "\(fixture.folder.path)/export.jsonl"))
        #expect(export.items > 1)
        #expect(export.receipt.said?.action == "tenant-export" && export.receipt.said?.counts == ["Item": UInt64(export.items)])
        let receipt = try await ask(fixture, DeleteTenant(tenant: "acme"))
        #expect(receipt.said?.action == "tenant-erasure")
        #expect(try await ask(fixture, ListDeletedTenants()).map(\.receipt) == [receipt])
        #expect(try await ask(fixture, ListTenants()).isEmpty)
    }

    @Test func failuresSayWhetherTheArgumentsWereWrong() async throws {
        let fixture = try await EngineFixture()
        let usage = await failure { _ = try await ask(fixture, ShowTenant(tenant: "Bad Name")) }
        #expect(usage?.isUsage == true)
        #expect(usage?.description == "tenant must match [a-z0-9][a-z0-9_-]{0,62}")
        let missing = await failure { _ = try await ask(fixture, ShowTenant(tenant: "none")) }
        #expect(missing?.isUsage == false)
        #expect(missing?.description == "There is no tenant of that name.")
    }

    @Test(arguments: ["", "{}", "[]", #"{"operation":"none","arguments":{}}"#, #"{"operation":"tenant.show","arguments":{}}"#])
    func whatIsNoOperationIsAnsweredWithAFailure(json: String) async throws {
        let fixture = try await EngineFixture()
        let reply = await fixture.engine.operations.perform(json: Array(json.utf8), logger: EngineFixture.logger)
        let decoded = try JSONDecoder().decode(OperationReply<Bool>.self, from: Data(reply))
        #expect(throws: OperationFailure.self) { try decoded.get() }
    }

    // MARK: Export of a tenant

    @Test func anExportHoldsEveryItemUnderItsLogicalKeyAndNoSecret() async throws {
        let fixture = try await EngineFixture()
        let (scope, other) = (try await fixture.tenantScope(), try await fixture.tenantScope("other"))
        for number in 0..<30 { try await fixture.use("f\(number)", by: "u/\(number)", scope) }
        try await fixture.use("foreign", by: "foreign", other)
        let playbook = try await fixture.engine.playbooks.playbook(scope).value
        _ = try await fixture.engine.playbooks.replace(scope, with: playbook, if: nil)
        let path = "\(fixture.folder.path)/export.jsonl"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        try Files.setMode(path, 0o644)
        let answer = try await ExportTenant(tenant: "acme", path: path).perform(on: fixture.engine)
        #expect(try Files.mode(path) == 0o600)
        let text = String(decoding: try Files.bytes(path), as: UTF8.self)
        let lines = try text.split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.count == answer.items)
        // Besides the log.
        #expect(lines.count { $0["PK"] as? String != "AUDIT" } == 31)
        let users = Set(lines.filter { $0["SK"] as? String == "PERSONALIZATION" }.compactMap { $0["PK"] as? String })
        #expect(users == Set((0..<30).map { "USER#u/\($0)" }))
        #expect(lines.allSatisfy { $0["record"] is [String: Any] && $0["entityType"] is String })
        #expect(!text.contains("foreign") && !text.contains("privateKey") && !text.contains("secretCode"))
    }

    @Test func anExportThatCannotBeWrittenIsAFailure() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let operation = ExportTenant(tenant: "acme", path: "\(fixture.folder.path)/none/export.jsonl")
        #expect(await fixture.code { _ = try await operation.perform(on: fixture.engine) } == .unavailable)
    }

    /// A folder whose profiles do not open any more. Stale copies of them lie in pages of others too, and where damaging one of those
    /// keeps the folder from opening, another is made.
    private func fixtureWithDamagedProfiles() async throws -> EngineFixture {
        while true {
            let fixture = try await EngineFixture()
            let scope = try await fixture.tenantScope()
            for number in 0..<30 { try await fixture.use("f\(number)", by: "u\(number)", scope) }
            await fixture.engine.close()
            let store = "\(fixture.dataPath)/store/data.mdb"
            let (bytes, type) = (try Files.bytes(store), Array("PersonalizationProfile".utf8))
            let places = bytes.indices.dropLast(type.count).filter {
                bytes[$0] == type[0] && Array(bytes[$0..<($0 + type.count)]) == type
            }
            for place in places {
                try Files.overwrite(store, at: place + type.count + 20, with: [bytes[place + type.count + 20] ^ 1])
            }
            if let opened = try? await EngineFixture(fixture.folder) { return opened }
        }
    }

    /// What was there before stays, and nothing half-written is left beside it.
    @Test(.timeLimit(.minutes(3))) func anExportThatFailsOnItsWayLeavesNoTruncatedFile() async throws {
        let opened = try await fixtureWithDamagedProfiles()
        let path = "\(opened.folder.path)/exports/export.jsonl"
        try FileManager.default.createDirectory(atPath: "\(opened.folder.path)/exports", withIntermediateDirectories: true)
        let operation = ExportTenant(tenant: "acme", path: path)
        #expect(await opened.code { _ = try await operation.perform(on: opened.engine) } == .damaged)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(opened.folder.path)/exports").isEmpty)
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        #expect(await opened.code { _ = try await operation.perform(on: opened.engine) } == .damaged)
        #expect(try Files.bytes(path) == Array("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(opened.folder.path)/exports") == ["export.jsonl"])
    }

    @Test func anExportReplacesNeitherDeviceNorFolder() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        for path in ["/dev/null", fixture.folder.path] {
            let operation = ExportTenant(tenant: "acme", path: path)
            #expect(await fixture.code { _ = try await operation.perform(on: fixture.engine) } == .unavailable)
        }
    }

    /// An item of a type that the export does not know is said, and not left out.
    @Test func anExportHasEverythingOrIsNone() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        try await fixture.use("a", by: "u1", scope)
        await fixture.engine.close()
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        let store = try LMDBEngine(.init(folder: "\(fixture.dataPath)/store"), vault: vault, now: fixture.now.milliseconds)
        let key = ItemKey(PartitionKey(tenant: TenantNumber(1), name: Array("USER#u1".utf8)), sort: Array("FUTURE".utf8))
        let transaction = Transaction<Void>([key]) { draft in
            draft.put(key, entityType: "Future", payload: [1])
            return .commit(())
        }
        try await store.write(transaction, now: 0)
        store.close()
        let opened = try await EngineFixture(fixture.folder)
        let operation = ExportTenant(tenant: "acme", path: "\(fixture.folder.path)/export.jsonl")
        #expect(await opened.code { _ = try await operation.perform(on: opened.engine) } == .internalError)
        #expect(!Files.isThere("\(fixture.folder.path)/export.jsonl"))
    }

    // MARK: Rotation while serving

    @Test func keysAreRotatedWhileUsersAreReadAndMade() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        for number in 0..<30 { try await fixture.use("a", by: "u\(number)", scope) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for _ in 0..<3 { _ = try await RotateMasterKey().perform(on: fixture.engine) } }
            for _ in 0..<2 {
                group.addTask { for _ in 0..<3 { _ = try await RotateWrappingKey(tenant: "acme").perform(on: fixture.engine) } }
            }
            group.addTask { for number in 0..<60 { try await fixture.use("a", by: "new\(number)", scope) } }
            group.addTask {
                for round in 0..<600 {
                    let version = try await fixture.profile(of: "u\(round % 30)", scope).version
                    #expect(version > 0)
                }
            }
            try await group.waitForAll()
        }
        let reopened = try await fixture.reopened()
        let again = try reopened.scope(try await reopened.makeKey().key)
        for number in 0..<30 { #expect(try await reopened.profile(of: "u\(number)", again).version > 0) }
        for number in 0..<60 { #expect(try await reopened.profile(of: "new\(number)", again).version > 0) }
        #expect(try await Diagnose().perform(on: reopened.engine).problems == [])
    }
}
