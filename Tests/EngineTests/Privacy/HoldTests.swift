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
