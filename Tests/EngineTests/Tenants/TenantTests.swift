import Engine
import Foundation
import Store
import Testing

@Suite struct TenantTests {
    @Test(arguments: ["a", "0", "acme", "a-b_c", String(repeating: "z", count: 63)])
    func aNameOfThisFormIsTaken(name: String) { #expect(TenantName(name)?.text == name) }

    @Test(arguments: ["", "A", "-a", "_a", "a b", "a#b", "a/b", "é", "a\n", String(repeating: "z", count: 64)])
    func aNameOfAnotherFormIsWrongUsage(name: String) async throws {
        #expect(TenantName(name) == nil)
        let fixture = try await EngineFixture()
        #expect(await fixture.code { try await fixture.makeTenant(name) } == .invalid)
    }

    @Test func aTenantIsMadeOnceAndIsThereAfterReopening() async throws {
        let fixture = try await EngineFixture()
        let made = try await CreateTenant(name: "acme", isConsentOptIn: true, grants: ["ai"]).perform(on: fixture.engine)
        #expect(made.tenant == "acme")
        #expect(made.issuer == "https://attune.example/tenants/acme")
        #expect(await fixture.code { try await fixture.makeTenant() } == .conflict)
        let reopened = try await fixture.reopened()
        let shown = try await ShowTenant(tenant: "acme").perform(on: reopened.engine)
        #expect(shown.consent == "opt-in")
        #expect(shown.grants == ["ai"])
        #expect(await reopened.code { try await reopened.makeTenant() } == .conflict)
        #expect(await reopened.code { _ = try await ShowTenant(tenant: "other").perform(on: reopened.engine) } == .notFound)
    }

    @Test func anUnknownPurposeIsWrongUsage() async throws {
        let fixture = try await EngineFixture()
        let operation = CreateTenant(name: "acme", isConsentOptIn: false, grants: ["fun"])
        #expect(await fixture.code { _ = try await operation.perform(on: fixture.engine) } == .invalid)
        #expect(try await ListTenants().perform(on: fixture.engine).isEmpty)
    }

    @Test func oneOfManyWhoMakeTheSameTenantAtOnceSucceeds() async throws {
        let fixture = try await EngineFixture()
        let codes = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { await fixture.code { try await fixture.makeTenant() } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .conflict } == 7)
        let scope = try fixture.scope(try await fixture.makeKey().key)
        try await fixture.use("a", by: "u1", scope)
        let reopened = try await fixture.reopened()
        #expect(try await ListTenants().perform(on: reopened.engine).map(\.tenant) == ["acme"])
        #expect(try await Diagnose().perform(on: reopened.engine).problems == [])
    }

    @Test func aSuspendedTenantsCredentialsAreRefusedUntilItIsResumed() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let (key, token) = (try await fixture.makeKey().key, try await fixture.mint())
        _ = try await SuspendTenant(tenant: "acme", isSuspended: true).perform(on: fixture.engine)
        let reopened = try await fixture.reopened()
        for credential in [key, token] { #expect(await reopened.code { _ = try reopened.scope(credential) } == .forbidden) }
        _ = try await SuspendTenant(tenant: "acme", isSuspended: false).perform(on: reopened.engine)
        for credential in [key, token] { _ = try reopened.scope(credential) }
    }

    @Test func nothingOfADeletedTenantIsLeftForTheNextOfThatName() async throws {
        var fixture = try await EngineFixture()
        var tokens: [String] = []
        for round in 0..<3 {
            let scope = try await fixture.tenantScope()
            #expect(try await fixture.profile(of: "u1", scope).version == 0)
            try await fixture.use("a", by: "u1", scope)
            let key = try await fixture.makeKey().key
            let token = try await fixture.mint()
            _ = try fixture.scope(token)
            tokens.append(token)
            _ = try await DeleteTenant(tenant: "acme").perform(on: fixture.engine)
            #expect(await fixture.code { _ = try fixture.scope(key) } == .unauthenticated)
            for token in tokens { #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated) }
            // Keys that proofs are checked with outlive their tenant; none of them verifies a token.
            let published = String(decoding: try #require(try await fixture.engine.tokens.keySet(tenant: "acme")), as: UTF8.self)
            #expect(published.split(separator: "\"kid\"").count == round + 2)
            #expect(await fixture.code { _ = try await fixture.profile(of: "u1", scope) } != nil)
            if round == 1 { fixture = try await fixture.reopened() }
        }
        #expect(try await Diagnose().perform(on: fixture.engine).problems == [])
    }

    /// The vault's keys go first: what the store still says of the tenant counts for nothing.
    @Test func aDeletionThatWasKilledCountsAndTheNameIsFree() async throws {
        let fixture = try await EngineFixture()
        _ = try await fixture.tenantScope()
        try fixture.folder.copy("data", as: "before")
        _ = try await DeleteTenant(tenant: "acme").perform(on: fixture.engine)
        await fixture.engine.close()
        for name in ["keys.a", "keys.b"] {
            let path = "\(fixture.folder.path)/before/vault/\(name)"
            try Files.overwrite(path, at: 0, with: Files.bytes("\(fixture.dataPath)/vault/\(name)"))
        }
        let killed = try await EngineFixture(fixture.folder, name: "before")
        #expect(try await ListTenants().perform(on: killed.engine).isEmpty)
        let scope = try await killed.tenantScope()
        try await killed.use("a", by: "u1", scope)
        #expect(try await killed.reopened().engine.operations.tenantNames == ["acme"])
    }

    /// What it had is taken out of the store by upkeep, also where a crash came in between; what others have stays.
    @Test func aDeletedTenantIsClearedAway() async throws {
        let fixture = try await EngineFixture()
        let (doomed, scope) = (try await fixture.tenantScope("doomed"), try await fixture.tenantScope())
        let key = try await fixture.makeKey().key
        for number in 0..<30 {
            try await fixture.use("a", by: "u\(number)", doomed)
            try await fixture.use("a", by: "u\(number)", scope)
        }
        _ = try await DeleteTenant(tenant: "doomed").perform(on: fixture.engine)
        let killed = try await fixture.killed(as: "killed")
        #expect(try await killed.partitionCounts() == [33, 33, 0])
        let reopened = try await EngineFixture(fixture.folder, name: "killed", now: fixture.now)
        // One that is being made meanwhile is nobody to be cleared away.
        async let made: Void = reopened.makeTenant("new")
        await reopened.engine.tidy(logger: EngineFixture.logger)
        try await made
        await reopened.engine.tidy(logger: EngineFixture.logger)
        let again = try reopened.scope(key)
        for number in 0..<30 { #expect(try await reopened.profile(of: "u\(number)", again).value.features.map(\.feature) == ["a"]) }
        _ = try await reopened.mint("new")
        #expect(try await Diagnose().perform(on: reopened.engine).problems == [])
        #expect(try await reopened.partitionCounts() == [0, 33, 2])
    }

    @Test func aFolderHasOneOwner() async throws {
        let fixture = try await EngineFixture()
        #expect(await fixture.code { _ = try await EngineFixture(fixture.folder) } == .unavailable)
        await fixture.engine.close()
        _ = try await EngineFixture(fixture.folder)
    }

    @Test func aStoreWithoutItsVaultIsNotTakenForANewOne() async throws {
        let fixture = try await EngineFixture()
        _ = try await fixture.tenantScope()
        await fixture.engine.close()
        try FileManager.default.removeItem(atPath: "\(fixture.dataPath)/vault")
        #expect(await fixture.code { _ = try await EngineFixture(fixture.folder) } == .unavailable)
    }
}

extension Operations {
    fileprivate var tenantNames: [String] {
        get async throws {
            let reply = await perform(json: Array(try JSONEncoder().encode(OperationRequest(ListTenants()))), logger: EngineFixture.logger)
            return try JSONDecoder().decode(OperationReply<[TenantDocument]>.self, from: Data(reply)).get().map(\.tenant)
        }
    }
}

extension EngineFixture {
    /// Closes the engine and counts the partitions that the store has of the first three tenants that there ever were.
    fileprivate func partitionCounts() async throws -> [Int] {
        await engine.close()
        let vault = try KeyVault(folder: "\(dataPath)/vault", masterKeyPath: "\(folder.path)/master.key")
        let store = try LMDBEngine(.init(folder: "\(dataPath)/store"), vault: vault, now: 0)
        defer { store.close() }
        return try (1...3).map { try store.partitions(of: TenantNumber($0), after: nil, limit: 1000).count }
    }
}
