import Engine
import Testing

@Suite struct ProfileImportTests {
    private func take(_ events: EventsFixture, _ lines: String...) async throws -> ImportEvents.Answer {
        try await ImportEvents(tenant: "acme", lines: lines).perform(on: events.engine)
    }

    private func profile(_ events: EventsFixture, _ user: String) async throws -> PersonalizationProfile {
        let user = try events.scope.authorize(.readPersonalization, for: .user(UserID(user)))
        return try await events.engine.personalization.profile(events.scope, user).value
    }

    private func item(_ attributes: String, user: String = "u1") -> String {
        #"{"Item":{"PK":{"S":"USER#\#(user)"},"SK":{"S":"PERSONALIZATION"},\#(attributes)}}"#
    }

    private func list(_ texts: [String]) -> String { #"{"L":[\#(texts.map { #"{"S":"\#($0)"}"# }.joined(separator: ","))]}"# }

    @Test("brings in what a user does after what, and when")
    func workflow() async throws {
        let events = try await EventsFixture()
        let sequences = [
            #"{"M":{"sequence":\#(list(["a", "b", "c"])),"count":{"N":"7"},"lastSeenAt":{"S":"2025-01-02T03:04:05Z"}}}"#,
            // As older exports have them: without a count.
            list(["c", "d"]), list(["a", "b", "c"]),
            // Longer than a sequence of ours; with repeats; too short; with a name that is none; of a wrong shape.
            list(["p", "q", "r", "s", "t"]), list(["x", "x", "y"]), list(["z", "z"]), list(["a", ""]), #"{"S":"a,b"}"#, #"{"N":"1"}"#,
        ]
        let hours = #"{"M":{"9":{"N":"3"},"09":{"N":"2"},"23":{"N":"1"},"24":{"N":"5"},"-1":{"N":"5"},"noon":{"N":"5"},"8":{"N":"-2"}}}"#
        let patterns =
            #""workflowPatterns":{"M":{"commonSequences":{"L":[\#(sequences.joined(separator: ","))]},"timeOfDayUsage":\#(hours)}}"#
        for _ in 0..<2 { #expect(try await take(events, item(patterns)).accepted == 1) }
        let profile = try await profile(events, "u1")
        let common = profile.workflow.commonSequences(at: events.now)
        #expect(Set(common.map(\.features)) == [["a", "b", "c"], ["c", "d"], ["p", "q", "r", "s"], ["q", "r", "s", "t"], ["x", "y"]])
        let first = try #require(common.first { $0.features == ["a", "b", "c"] })
        #expect(first.occurrences == 7 && first.weight == 7 && first.lastSeenAt == Timestamp(rfc3339: "2025-01-02T03:04:05Z"))
        #expect(profile.usesByHour[9] == 5 && profile.usesByHour[23] == 1 && profile.usesByHour.reduce(0, +) == 6)
    }

    @Test("finds sequences and hours beside the rest, too")
    func flat() async throws {
        let events = try await EventsFixture()
        let flat = #""commonSequences":{"L":[\#(list(["a", "b"]))]},"timeOfDayUsage":{"M":{"7":{"N":"4"}}}"#
        #expect(try await take(events, item(flat)).accepted == 1)
        let profile = try await profile(events, "u1")
        #expect(profile.workflow.sequences.map(\.features) == [["a", "b"]] && profile.usesByHour[7] == 4)
    }

    @Test("leaves out what no request could bring, and keeps bounds")
    func bounds() async throws {
        let events = try await EventsFixture()
        let long = String(repeating: "x", count: 129)
        let used = ["a", "a", "", long, "b\\u0000"].map {
            #"{"M":{"feature":{"S":"\#($0)"},"count":{"N":"2"},"lastUsedAt":{"S":"\#(events.now.rfc3339)"}}}"#
        }
        let many = (0..<300).map { list(["f\($0)", "g\($0)"]) }.joined(separator: ",")
        let goals = #"{"M":{"shortTerm":\#(list(["sell", String(repeating: "y", count: 501)]))}}"#
        let line = item(
            #""featureUsage":{"L":[\#(used.joined(separator: ","))]},"workflowPatterns":{"M":{"commonSequences":{"L":[\#(many)]}}},"#
                + #""goals":\#(goals),"marketFocus":\#(list(["homes", "homes", ""]))"#)
        // A time that cannot be is not taken for now.
        #expect(try await take(events, line.replacing(events.now.rfc3339, with: "2999-01-01T00:00:00Z")).accepted == 0)
        #expect(try await take(events, line).accepted == 1)
        let profile = try await profile(events, "u1")
        #expect(profile.features.map(\.feature) == ["a"] && profile.features[0].lastUsedAt <= events.now.adding(seconds: 1))
        #expect(profile.workflow.sequences.count == Limits.sequencesPerProfileMax)
        #expect(profile.shortTermGoals == ["sell"] && profile.marketFocus == ["homes"])
    }

    @Test("stores nothing of a user who is restricted, and says so")
    func restricted() async throws {
        let events = try await EventsFixture()
        let user = try events.scope.authorize(.restrictUser, for: .user(UserID("u1")))
        _ = try await events.engine.restrictions.restrict(events.scope, user, true)
        let taken = try await take(
            events, item(#""marketFocus":\#(list(["homes"]))"#), item(#""marketFocus":\#(list(["homes"]))"#, user: "u2"))
        #expect(taken.accepted == 1 && taken.rejected == ["consent": 1])
        #expect(try await take(events, #"{"Item":{"PK":{"S":"OTHER#1"}}}"#).rejected == ["unknown_item": 1])
    }
}
