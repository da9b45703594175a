import Engine
import Testing

@Suite("Holds") struct HoldTests {
    @Test func nothingOfAHeldUserIsErased() async throws {
        let privacy = try await PrivacyFixture()
        let (fixture, engine, scope) = (privacy.fixture, privacy.engine, privacy.scope)
        try await privacy.live("u1", canary: "c")
        try await privacy.join("visitor", to: "u1", canary: "v")
        let user = try privacy.user("u1")
        #expect(await fixture.code { _ = try await engine.holds.place(scope, user, reason: "") } == .invalid)
        #expect(try await engine.holds.place(scope, user, reason: "claim").held)
        // Also by the id of a visitor who is this person.
        for id in ["u1", "visitor"] {
            for action in [Erasures.Action.erasure, .anonymization] {
                #expect(await fixture.code { _ = try await engine.erasures.erase(scope, privacy.user(id), action) } == .conflict)
            }
        }
        #expect(try await fixture.profile(of: "u1", scope).version != 0, "readers are let in again")
        #expect(try await engine.requests.page(scope, limit: 10, cursor: nil).items.isEmpty)
        let reopened = try await fixture.reopened()
        let later = try reopened.scope(privacy.key)
        let same = try later.authorize(.eraseUser, for: .user(UserID("u1")))
        #expect(try await reopened.engine.holds.hold(later, same).reason == "claim")
        #expect(try await !reopened.engine.holds.lift(later, same).held)
        _ = try await reopened.engine.erasures.erase(later, same)
        #expect(try await privacy.items(of: "u1", on: reopened.engine).isEmpty)
        let actions = try await privacy.entries(on: reopened.engine, later).map(\.action).filter { !$0.hasSuffix("-created") }
        #expect(actions == ["hold", "hold-lifted", "erasure-requested", "erasure"])
    }

    /// Noted of a visitor before it was known who they are.
    @Test func aHoldOfAVisitorIsOneOfThePerson() async throws {
        let privacy = try await PrivacyFixture()
        let (engine, scope) = (privacy.engine, privacy.scope)
        _ = try await engine.holds.place(scope, privacy.user("visitor"), reason: "claim")
        try await privacy.join("visitor", to: "u1", canary: "v")
        for id in ["u1", "visitor"] { #expect(try await engine.holds.hold(scope, privacy.user(id)).reason == "claim") }
        #expect(await privacy.fixture.code { _ = try await engine.erasures.erase(scope, privacy.user("u1")) } == .conflict)
        #expect(try await !engine.holds.lift(scope, privacy.user("u1")).held)
        _ = try await engine.erasures.erase(scope, privacy.user("u1"))
    }

    @Test func thePersonalizationOfAHeldUserStays() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.fixture.use("f", by: "u1", privacy.scope)
        let user = try privacy.user("u1", .writePersonalization)
        _ = try await privacy.engine.holds.place(privacy.scope, privacy.user("u1"), reason: "claim")
        let own = try privacy.fixture.scope(try await privacy.fixture.mint(user: "u1", scopes: ["personalization:write"]))
        for scope in [privacy.scope, own] {
            #expect(
                await privacy.fixture.code {
                    try await privacy.engine.personalization.reset(
                        scope, scope.authorize(.writePersonalization, for: .user(UserID("u1"))), if: nil)
                } == .conflict)
        }
        #expect(try await privacy.fixture.profile(of: "u1", privacy.scope).version != 0)
        _ = try await privacy.engine.holds.lift(privacy.scope, privacy.user("u1"))
        try await privacy.engine.personalization.reset(privacy.scope, user, if: nil)
    }

    @Test func aRegulationGoesOnPastWhoIsHeld() async throws {
        let privacy = try await PrivacyFixture()
        let ids = (0..<20).map { "r\($0)" }
        for id in ids { try await privacy.fixture.use("f", by: id, privacy.scope) }
        _ = try await privacy.engine.holds.place(privacy.scope, privacy.user("r3"), reason: "claim")
        let id = try await privacy.engine.regulations.perform(
            privacy.scope, kind: "DELETE_ONLY", subjectType: "USER_ID", subjects: ids.map { try UserID($0) })
        let status = try await privacy.engine.regulations.status(privacy.scope, id: id)
        #expect(status.status == "PARTIAL_SUCCESS" && status.done == 19 && status.held == 1 && status.finishedAt != nil)
        for id in ids { #expect(try await privacy.items(of: id).isEmpty == (id != "r3")) }
        let line = try #require(try await privacy.engine.requests.page(privacy.scope, limit: 10, cursor: nil).items.first)
        #expect(line.status == "completed" && line.blockedBy == "hold")
    }

    /// Killed on the way, a regulation is closed at the next start: who it was about is known no more.
    @Test func aRegulationCutShortEnds() async throws {
        let privacy = try await PrivacyFixture()
        // Every file of the moment at which it was begun and not ended: no call of its own stops there, so a copy is taken meanwhile.
        async let work = privacy.engine.regulations.perform(
            privacy.scope, kind: "DELETE_ONLY", subjectType: "USER_ID", subjects: (0..<400).map { try UserID("n\($0)") })
        while try await privacy.engine.requests.page(privacy.scope, limit: 10, cursor: nil).items.isEmpty { await Task.yield() }
        let copy = try await privacy.fixture.killed(as: "copy")
        let id = try await work
        let scope = try copy.scope(privacy.key)
        #expect(try await copy.engine.regulations.status(scope, id: id).status == "FAILED")
        let lines = try await copy.engine.requests.page(scope, limit: 10, cursor: nil).items
        #expect(lines.map(\.status) == ["cancelled"])
        #expect(try await Diagnose().perform(on: copy.engine).problems == [])
    }

    /// From then on both ids are asked about, and lifted, as one.
    @Test func aHeldVisitorsHoldGoesToTheUser() async throws {
        let privacy = try await PrivacyFixture()
        let (fixture, engine, scope) = (privacy.fixture, privacy.engine, privacy.scope)
        _ = try await privacy.events.send([privacy.events.page("/", visitor: "visitor", id: "p")])
        _ = try await engine.holds.place(scope, privacy.user("visitor"), reason: "claim")
        try await privacy.join("visitor", to: "u1", canary: "v")
        for id in ["u1", "visitor"] {
            #expect(try await engine.holds.hold(scope, privacy.user(id)).reason == "claim")
            #expect(await fixture.code { _ = try await engine.erasures.erase(scope, privacy.user(id)) } == .conflict)
        }
        #expect(try await !engine.holds.lift(scope, privacy.user("visitor")).held)
        _ = try await engine.erasures.erase(scope, privacy.user("u1"))
        for id in ["u1", "visitor"] { #expect(try await privacy.items(of: id).isEmpty) }
    }
}
