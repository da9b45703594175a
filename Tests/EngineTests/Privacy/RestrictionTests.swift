import Engine
import Testing

@Suite("Restrictions") struct RestrictionTests {
    @Test func nothingNewIsStoredAndTheDataStays() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        let user = try privacy.user("u1", .restrictUser)
        let before = try await privacy.items(of: "u1").count
        let unknown = try await privacy.engine.advice.dashboard(privacy.scope, privacy.user("never"))
        let next = try await privacy.engine.advice.nextBestActions(privacy.scope, privacy.user("never"))
        #expect(try await privacy.engine.restrictions.restrict(privacy.scope, user, true).restricted)
        #expect(await privacy.fixture.code { try await privacy.fixture.use("f", by: "u1", privacy.scope) } == .conflict)
        #expect(try await privacy.events.send([privacy.events.track("a", id: "m")]) == ["consent"])
        #expect(try await privacy.items(of: "u1").count == before)
        #expect(try await privacy.engine.advice.dashboard(privacy.scope, user).priorityActions == unknown.priorityActions)
        let restricted = try await privacy.engine.advice.nextBestActions(privacy.scope, user)
        #expect(restricted.map(\.action) == next.map(\.action) && restricted.allSatisfy { !$0.isPersonalized && !$0.reason.isEmpty })
        #expect(next.allSatisfy { $0.isPersonalized })
        let consent = try await privacy.engine.consents.consent(privacy.scope, user)
        #expect(consent.isRestricted && consent.isGranted(.analytics) && !consent.allows(.analytics))
        #expect(try await privacy.fixture.profile(of: "u1", privacy.scope).value.features.count == 1)
        #expect(try await !privacy.engine.restrictions.restrict(privacy.scope, user, false).restricted)
        try await privacy.fixture.use("f", by: "u1", privacy.scope)
        #expect(try await privacy.events.send([privacy.events.track("a", id: "m")]) == ["accepted"])
    }

    @Test func ofSomebodyUnknownNothingIsLeftBehind() async throws {
        let privacy = try await PrivacyFixture()
        let user = try privacy.user("u1", .restrictUser)
        _ = try await privacy.engine.restrictions.restrict(privacy.scope, user, true)
        #expect(try await privacy.engine.consents.consent(privacy.scope, user).source == nil)
        _ = try await privacy.engine.restrictions.restrict(privacy.scope, user, false)
        #expect(try await privacy.items(of: "u1").isEmpty)
    }

    @Test func regulationsSuppressAndErase() async throws {
        let privacy = try await PrivacyFixture()
        for id in ["a", "b", "c"] { try await privacy.live(id, canary: id) }
        let regulations = privacy.engine.regulations
        let users = try ["a", "b"].map { try UserID($0) }
        func perform(_ kind: String) async throws -> String {
            try await regulations.perform(privacy.scope, kind: kind, subjectType: "USER_ID", subjects: users)
        }
        let id = try await perform("SUPPRESS_WITH_DELETE")
        let status = try await regulations.status(privacy.scope, id: id)
        #expect(status.status == "FINISHED" && status.done == 2)
        #expect(try await privacy.events.send([privacy.events.track("x", user: "a", id: "1")]) == ["consent"])
        #expect(try await privacy.items(of: "a").isEmpty)
        #expect(try await privacy.items(of: "c").count > 5)
        let reopened = try await privacy.fixture.reopened()
        let scope = try reopened.scope(privacy.key)
        #expect(await reopened.code { try await reopened.use("f", by: "b", scope) } == .conflict)
        _ = try await reopened.engine.regulations.perform(scope, kind: "UNSUPPRESS", subjectType: "USER_ID", subjects: users)
        try await reopened.use("f", by: "b", scope)
        for (kind, type, subjects) in [("OTHER", "USER_ID", users), ("DELETE_ONLY", "OBJECT_ID", users), ("DELETE_ONLY", "USER_ID", [])] {
            #expect(
                await reopened.code {
                    _ = try await reopened.engine.regulations.perform(scope, kind: kind, subjectType: type, subjects: subjects)
                } == .invalid)
        }
    }

    @Test func anonymizingLeavesTheCounts() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        let before = String(describing: try await privacy.engine.insights.navigation(privacy.scope, days: 30))
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"), .anonymization)
        #expect(try privacy.payload(receipt).action == "anonymization")
        #expect(try await privacy.items(of: "u1").isEmpty)
        #expect(String(describing: try await privacy.engine.insights.navigation(privacy.scope, days: 30)) == before)
    }
}
