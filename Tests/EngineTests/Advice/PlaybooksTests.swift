import Foundation
import Testing

@testable import Engine

/// Playbooks over the real store.
@Suite struct PlaybooksTests {
    private func json(_ title: String) throws -> [UInt8] {
        let text = #"""
            {"features":[{"name":"a","title":"\#(title)","description":"Does a.","link":"/a"}],
            "contentTypes":[{"name":"post","title":"Post","description":"A post."}],
            "insights":[{"title":"I","description":"D","category":"tip","marketFocus":[]}],"rules":[]}
            """#
        return Array(text.utf8)
    }

    private func titles(_ fixture: EngineFixture, _ scope: Scope) async throws -> [String] {
        try await fixture.engine.advice.nextBestActions(scope, fixture.user("u1", scope)).map(\.title)
    }

    @Test func aTenantsPlaybookIsUsedFromTheNextRequestOnAndAfterReopening() async throws {
        let fixture = try await EngineFixture()
        let (scope, other) = (try await fixture.tenantScope(), try await fixture.tenantScope("other"))
        #expect(try await fixture.engine.playbooks.playbook(scope).version == 0)
        let standard = try await titles(fixture, scope)
        for title in ["First", "Second"] {
            let stored = try await fixture.engine.playbooks.replace(scope, with: json(title), if: nil)
            #expect(try await fixture.engine.playbooks.playbook(scope).version == stored.version)
            #expect(try await fixture.engine.playbooks.playbook(scope).value == json(title))
            #expect(try await titles(fixture, scope).contains("Try \(title)"))
            #expect(try await titles(fixture, other) == standard)
        }
        let reopened = try await fixture.reopened()
        let again = try reopened.scope(try await reopened.makeKey().key)
        #expect(try await titles(reopened, again).contains("Try Second"))
    }

    @Test func anInvalidOneChangesNothing() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let stored = try await fixture.engine.playbooks.replace(scope, with: json("First"), if: nil)
        for bad in ["{}", "[]", "", #"{"features":[]}"#] {
            #expect(
                await fixture.code { _ = try await fixture.engine.playbooks.replace(scope, with: Array(bad.utf8), if: nil) } == .invalid)
        }
        #expect(try await fixture.engine.playbooks.playbook(scope).version == stored.version)
    }

    @Test func aStaleVersionIsRefused() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        func replace(_ condition: Precondition) async throws -> UInt64 {
            try await fixture.engine.playbooks.replace(scope, with: json("T"), if: condition).version
        }
        #expect(await fixture.code { _ = try await replace(.exists) } == .preconditionFailed)
        let first = try await replace(.tags([scope.entityTag(0)]))
        _ = try await replace(.tags([scope.entityTag(first)]))
        #expect(await fixture.code { _ = try await replace(.tags([scope.entityTag(first)])) } == .preconditionFailed)
    }

    @Test func onlyTheSecretKeyMay() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let publishable = try await fixture.makeKey(kind: "publishable").key
        for credential in [publishable, try await fixture.mint()] {
            let scope = try fixture.scope(credential)
            #expect(await fixture.code { _ = try await fixture.engine.playbooks.playbook(scope) } == .forbidden)
            #expect(await fixture.code { _ = try await fixture.engine.playbooks.replace(scope, with: json("T"), if: nil) } == .forbidden)
        }
    }

    @Test func theLastOfManyReplacementsIsTheOneInUse() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { _ = try await fixture.engine.playbooks.replace(scope, with: json("T\(number)"), if: nil) }
                group.addTask { _ = try await titles(fixture, scope) }
            }
            try await group.waitForAll()
        }
        let stored = try await fixture.engine.playbooks.playbook(scope).value
        let title = try #require(String(decoding: stored, as: UTF8.self).firstMatch(of: #/"title":"(T\d+)"/#)?.1)
        #expect(try await titles(fixture, scope).contains("Try \(title)"))
    }

    @Test func aTenantMayBeginWithTheGeneralOneAndKeepsItAfterReopening() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let made = try await CreateTenant(name: "shop", isConsentOptIn: false, grants: [], playbook: .general).perform(on: fixture.engine)
        #expect(made.playbook == "general")
        let shop = try fixture.scope(try await fixture.makeKey("shop").key)
        #expect(try await fixture.engine.playbooks.playbook(shop).value == BuiltInPlaybook.general.json)
        #expect(try await fixture.engine.playbooks.playbook(scope).value == BuiltInPlaybook.realEstate.json)
        let insights = Set(Playbook.general.insights.map(\.title))
        func shown(_ fixture: EngineFixture, _ scope: Scope) async throws -> [String] {
            try await fixture.engine.advice.dashboard(scope, fixture.user("u1", scope)).marketInsights.map(\.title)
        }
        #expect(insights.isSuperset(of: try await shown(fixture, shop)))
        #expect(insights.isDisjoint(with: try await shown(fixture, scope)))
        let reopened = try await fixture.reopened()
        let again = try reopened.scope(try await reopened.makeKey("shop").key)
        #expect(insights.isSuperset(of: try await shown(reopened, again)))
        let tenants = try await ListTenants().perform(on: reopened.engine)
        #expect(tenants.map { "\($0.tenant) \($0.playbook)" }.sorted() == ["acme real-estate", "shop general"])
        _ = try await reopened.engine.playbooks.replace(again, with: json("Own"), if: nil)
        #expect(try await titles(reopened, again).contains("Try Own"))
    }

    @Test func theGeneralOneIsOfNoTrade() {
        let text = String(decoding: BuiltInPlaybook.general.json, as: UTF8.self).lowercased()
        for word in ["real estate", "listing", "home", "house", "buyer", "seller", "broker", "agent", "escrow", "mortgage", "neighborhood"]
        {
            #expect(!text.contains(word), "\(word)")
        }
        let categories = Playbook.general.insights.map(\.category)
        #expect(MarketInsight.Category.allCases.allSatisfy { category in categories.contains(category) })
        #expect(CompiledPlaybook.general.generalInsights.count >= 10)
    }
}
