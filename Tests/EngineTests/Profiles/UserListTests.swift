import Engine
import Store
import Testing

@Suite("UserList")
struct UserListTests {
    private func ids(_ fixture: EngineFixture, _ scope: Scope, _ filter: UserFilter = UserFilter(), limit: Int = 100) async throws
        -> [String]
    {
        var ids: [String] = []
        var cursor: String?
        repeat {
            let page = try await fixture.engine.users.page(scope, filter, cursor: cursor, limit: limit)
            ids += page.users.map(\.id.text)
            cursor = page.nextCursor
        } while cursor != nil
        return ids
    }

    @Test("counts and lists each user once, in pages of any size", arguments: [1, 2, 7, 100])
    func pages(_ limit: Int) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        #expect(try fixture.engine.users.count(scope) == 0)
        #expect(try await ids(fixture, scope).isEmpty)
        let expected = (1...20).map { "user-\($0)" }
        for id in expected { try await fixture.use("f", by: id, scope) }
        #expect(try fixture.engine.users.count(scope) == 20)
        #expect(try await Set(ids(fixture, scope, limit: limit)) == Set(expected))
        #expect(try await ids(fixture, scope, limit: limit).count == 20)
        await fixture.engine.close()
    }

    @Test("keeps count over restarts and of one tenant only, whatever else a tenant has")
    func counts() async throws {
        var fixture = try await EngineFixture()
        var scope = try await fixture.tenantScope()
        let otherScope = try await fixture.tenantScope("other")
        try await fixture.use("f", by: "u1", scope)
        try await fixture.use("f", by: "o1", otherScope)
        _ = try await fixture.engine.playbooks.replace(scope, with: fixture.engine.playbooks.playbook(scope).value, if: nil)
        #expect(try fixture.engine.users.count(scope) == 1 && fixture.engine.users.count(otherScope) == 1)
        let key = try await fixture.makeKey().key
        fixture = try await fixture.reopened()
        scope = try fixture.scope(key)
        #expect(try fixture.engine.users.count(scope) == 1)
        #expect(try await ids(fixture, scope) == ["u1"])
        await fixture.engine.close()
    }

    @Test("filters by id, feature, area and time")
    func filters() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        try await fixture.use("plan", by: "Ada-1", scope)
        _ = try await fixture.engine.personalization.setMarketFocus(scope, fixture.user("Ada-1", scope), areas: ["condos"], if: nil)
        fixture.advance(seconds: 10 * 86_400)
        let later = try fixture.scope(try await fixture.makeKey().key)
        try await fixture.use("audit", by: "bob-2", later)
        func found(_ change: (inout UserFilter) -> Void) async throws -> [String] {
            var filter = UserFilter()
            change(&filter)
            return try await ids(fixture, later, filter)
        }
        #expect(try await found { $0.text = "ADA" } == ["Ada-1"])
        #expect(try await found { $0.text = "-" }.count == 2)
        #expect(try await found { $0.text = "bob-2" } == ["bob-2"])
        #expect(try await found { $0.text = "ada-1" } == ["Ada-1"])
        #expect(try await found { $0.feature = "plan" } == ["Ada-1"])
        #expect(try await found { $0.marketFocus = "condos" } == ["Ada-1"])
        #expect(try await found { $0.activeDays = 7 } == ["bob-2"])
        #expect(try await found { $0.text = "nobody" } == [])
        await fixture.engine.close()
    }

    @Test("shows a whole id that is searched for first, and once", arguments: [1, 2, 3, 100])
    func exactMatch(_ limit: Int) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let others = (0..<6).map { "zz\($0)" }
        for id in others + ["zz", "y"] { try await fixture.use("f", by: id, scope) }
        var filter = UserFilter()
        filter.text = "zz"
        #expect(try await ids(fixture, scope, filter, limit: limit) == ["zz"] + others)
        await fixture.engine.close()
    }

    @Test("a few users are whole in one request, however many another tenant has")
    func behindManyOthers() async throws {
        var fixture = try await EngineFixture()
        try await fixture.makeTenant("large")
        _ = try await fixture.tenantScope("small")
        let key = try await fixture.makeKey("small").key
        try await fixture.use("f", by: "before", fixture.scope(key))
        await fixture.engine.close()
        try fillVault(of: fixture, count: 66_500)
        fixture = try await fixture.reopened()
        var expected: Set = ["before"]
        for number in 1..<40 {
            try await fixture.use("f", by: "u\(number)", fixture.scope(key))
            expected.insert("u\(number)")
        }
        for step in 0..<3 {
            let scope = try fixture.scope(key)
            let page = try await fixture.engine.users.page(scope, UserFilter(), cursor: nil, limit: 100)
            #expect(Set(page.users.map(\.id.text)) == expected && page.users.count == expected.count)
            #expect(page.nextCursor == nil)
            #expect(try await fixture.engine.users.sample(scope).users == expected.count)
            if step == 0 { _ = try await DeleteTenant(tenant: "large").perform(on: fixture.engine) }
            if step == 1 { fixture = try await fixture.reopened() }
        }
        await fixture.engine.close()
    }

    /// Gives the first tenant partitions, which are the vault's alone.
    private func fillVault(of fixture: EngineFixture, count: Int) throws {
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        for start in stride(from: 0, to: count, by: 5000) {
            let addresses = try (start..<min(start + 5000, count)).map { number in
                try vault.address(of: PartitionKey(tenant: TenantNumber(1), name: Array("\(number)".utf8)))
            }
            _ = try vault.reserve(addresses)
            vault.publish(addresses)
        }
    }

    @Test("samples many users from all of their stretches, none twice")
    func sampleOfMany() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        for number in 0..<600 { try await fixture.use("f\(number)", by: "u\(number)", scope) }
        let sample = try await fixture.engine.users.sample(scope)
        #expect((490...512).contains(sample.users))
        #expect(sample.features.allSatisfy { $0.users == 1 } && sample.features.count == sample.users)
        await fixture.engine.close()
    }

    @Test("takes cursors of its own tenant alone")
    func cursors() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let other = try await fixture.tenantScope("other")
        for number in 1...3 { try await fixture.use("f", by: "u\(number)", scope) }
        let cursor = try #require(try await fixture.engine.users.page(scope, UserFilter(), cursor: nil, limit: 1).nextCursor)
        for (wrong, whose) in [("", scope), ("AAAA", scope), (cursor + "A", scope), (cursor, other)] {
            #expect(
                await fixture.code { _ = try await fixture.engine.users.page(whose, UserFilter(), cursor: wrong, limit: 1) } == .invalid)
        }
        await fixture.engine.close()
    }

    @Test("is for secret keys")
    func permission() async throws {
        let fixture = try await EngineFixture()
        _ = try await fixture.tenantScope()
        let token = try fixture.scope(try await fixture.mint())
        let publishable = try fixture.scope(try await fixture.makeKey(kind: "publishable").key)
        for scope in [token, publishable] {
            #expect(await fixture.code { _ = try fixture.engine.users.count(scope) } == .forbidden)
            #expect(
                await fixture.code { _ = try await fixture.engine.users.page(scope, UserFilter(), cursor: nil, limit: 1) } == .forbidden)
            #expect(await fixture.code { _ = try fixture.engine.overview.numbers(scope) } == .forbidden)
            #expect(await fixture.code { _ = try fixture.engine.keys.list(scope) } == .forbidden)
        }
        await fixture.engine.close()
    }
}
