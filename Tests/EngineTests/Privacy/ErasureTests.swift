import Engine
import Foundation
import Synchronization
import Testing

@Suite("Erasures") struct ErasureTests {
    @Test func everythingGoesAndTheReceiptSaysSo() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("goes", canary: "goes")
        try await privacy.live("stays", canary: "stays")
        try await privacy.join("visitor", to: "goes", canary: "v")
        let before = try await privacy.items(of: "stays")
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("goes"))
        for id in ["goes", "visitor", "anonymous-goes"] { #expect(try await privacy.items(of: id).isEmpty) }
        #expect(try await privacy.items(of: "stays").count == before.count)
        #expect(try await privacy.fixture.profile(of: "goes", privacy.scope).version == 0)
        let said = try privacy.payload(receipt)
        #expect(said.action == "erasure" && said.tenant == "acme" && !said.subject.contains("goes"))
        #expect(said.counts["PersonalizationProfile"] == 1 && said.counts["BehavioralProfile"] == 1 && said.counts["Event"] == 10)
        #expect(try await privacy.engine.audit.isValid(privacy.scope, receipt))
        #expect(try await privacy.engine.audit.receipt(privacy.scope, id: receipt.id).payload == receipt.payload)
        let actions = try await privacy.entries().map(\.action)
        #expect(actions.suffix(2) == ["erasure-requested", "erasure"])
        #expect(try await privacy.engine.behavioralProfiles.profiles(privacy.scope, skip: 0, limit: 10, level: nil).count == 1)
        #expect(try await Diagnose().perform(on: privacy.engine).problems == [])
    }

    /// A user's own token is for its `sub` alone, whomever that one was joined into.
    @Test(arguments: [Erasures.Action.erasure, .anonymization], [false, true])
    func aVisitorsOwnTokenErasesTheVisitorAlone(action: Erasures.Action, byTheCenter: Bool) async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("alice", canary: "alice")
        try await privacy.join("anonX", to: "alice", canary: "x")
        let before = try await privacy.items(of: "alice").count
        let token = try await privacy.fixture.mint(user: "anonX", scopes: ["privacy:erase"])
        if byTheCenter {
            let session = try await privacy.engine.personSessions.begin(token: token)
            _ = try await privacy.engine.erasures.erase(session.scope, session.user, action)
        } else {
            let scope = try privacy.fixture.scope(token)
            _ = try await privacy.engine.erasures.erase(scope, scope.authorize(.eraseUser, for: .me), action)
        }
        #expect(try await privacy.items(of: "alice").count == before)
        #expect(try await privacy.items(of: "anonX").isEmpty)
        // Whoever may reach everybody reaches the person by any of their ids, as ever.
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("alice"))
        #expect(try await privacy.items(of: "alice").isEmpty)
        #expect(try await Diagnose().perform(on: privacy.engine).problems == [])
    }

    /// What the erased has added to sums is out of them: they are as if only the other had ever been there.
    @Test func sumsAreAsIfTheyHadNeverBeen() async throws {
        let (both, one) = (try await PrivacyFixture(), try await PrivacyFixture())
        for fixture in [both, one] { try await fixture.track("stays", canary: "same") }
        try await both.track("goes", canary: "other")
        _ = try await both.engine.erasures.erase(both.scope, both.user("goes"))
        let query = 30
        let left = try await both.engine.insights.navigation(both.scope, days: query)
        let never = try await one.engine.insights.navigation(one.scope, days: query)
        #expect(String(describing: left) == String(describing: never))
    }

    @Test func someoneUnknownAndSomeoneErasedCountNothing() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("goes", canary: "goes")
        for id in ["never", "goes", "goes"] {
            let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user(id))
            #expect(try await privacy.engine.audit.isValid(privacy.scope, receipt))
            let isEmpty = try privacy.payload(receipt).counts.isEmpty
            let isFirst = try await privacy.entries().filter { $0.action == "erasure" }.count == 2
            #expect(isEmpty == !(id == "goes" && isFirst))
        }
    }

    @Test func theyStartAnew() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "old")
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
        try await privacy.live("u1", canary: "new")
        let features = try await privacy.fixture.profile(of: "u1", privacy.scope).value.features.map(\.feature)
        #expect(features == ["feature-new"])
        #expect(try await privacy.events.timeline("u1").allSatisfy { $0.messageID.hasSuffix("new") })
        let reopened = try await privacy.fixture.reopened()
        #expect(try await privacy.items(of: "u1", on: reopened.engine).count > 5)
    }

    /// What was begun before the erasure and comes after it.
    @Test func noLateWriteBringsThemBack() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "old")
        let late = privacy.scope
        let later = try privacy.events.later(seconds: 5, key: privacy.key)
        _ = try await later.engine.erasures.erase(later.scope, later.scope.authorize(.eraseUser, for: .user(UserID("u1"))))
        let user = try late.authorize(.writePersonalization, for: .user(UserID("u1")))
        #expect(
            await privacy.fixture.code { try await privacy.engine.personalization.recordFeature(late, user, feature: "f", at: nil) }
                == .unavailable)
        #expect(await privacy.fixture.code { _ = try await privacy.events.send([privacy.events.track("a", id: "late")]) } == .unavailable)
        #expect(try await privacy.items(of: "u1").isEmpty)
    }

    /// Reads find nobody, and writes are put off, from the first commit on.
    @Test func nobodyReadsOrWritesThemMeanwhile() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        let seen = Mutex<[String]>([])
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1")) { step in
            guard step != .completed else { return }
            let items = try? await privacy.items(of: "u1")
            let code = await privacy.fixture.code { try await privacy.fixture.use("f", by: "u1", privacy.scope) }
            let again = await privacy.fixture.code {
                _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
            }
            seen.withLock { $0.append("\(items?.count ?? -1) \(code == .unavailable) \(again == .conflict)") }
        }
        #expect(seen.withLock { $0 } == Array(repeating: "0 true true", count: 5))
    }

    /// Killed at each step it is finished by the next start, exactly once, and the receipt is there.
    @Test(arguments: Erasures.Step.allCases)
    func killedItIsFinishedAtTheNextStart(step: Erasures.Step) async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("goes", canary: "goes")
        try await privacy.live("stays", canary: "stays")
        try await privacy.join("visitor", to: "goes", canary: "v")
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("goes")) { reached in
            if reached == step { try? privacy.fixture.folder.copy("data", as: "killed") }
        }
        let counts = try privacy.payload(receipt).counts
        let next = try await EngineFixture(privacy.fixture.folder, name: "killed", now: privacy.fixture.now)
        let scope = try next.scope(privacy.key)
        for id in ["goes", "visitor"] { #expect(try await privacy.items(of: id, on: next.engine).isEmpty) }
        #expect(try await privacy.items(of: "stays", on: next.engine).count == privacy.items(of: "stays").count)
        let entries = try await privacy.entries(on: next.engine, scope)
        #expect(entries.map(\.action).suffix(2) == ["erasure-requested", "erasure"])
        let found = try await next.engine.audit.receipt(scope, id: receipt.id)
        #expect(try privacy.payload(found).counts == counts)
        #expect(try await next.engine.audit.isValid(scope, found))
        #expect(try next.engine.users.count(scope) == privacy.engine.users.count(privacy.scope))
        try await next.use("again", by: "goes", scope)
        #expect(try await next.profile(of: "goes", scope).value.features.map(\.feature) == ["again"])
        #expect(try await Diagnose().perform(on: next.engine).problems == [])
    }

    /// No byte of a canary in any file of the folder, however it is written; the others' still open.
    @Test func nothingIsLeftInAnyFile() async throws {
        let privacy = try await PrivacyFixture()
        let canaries = (0..<12).map { "Q\($0)zK\(UInt64.random(in: 1 << 60...UInt64.max))x" }
        for (number, canary) in canaries.enumerated() { try await privacy.live("u\(number)-\(canary)", canary: canary) }
        for (number, canary) in canaries.enumerated() where number.isMultiple(of: 2) {
            _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u\(number)-\(canary)"))
        }
        let words = Words(canaries.flatMap(Self.forms))
        #expect(words.occur(in: Array("a \(canaries[0]) b".utf8)))
        for file in try Files.all(below: privacy.fixture.dataPath) { #expect(try !words.occur(in: Files.bytes(file))) }
        for (number, canary) in canaries.enumerated() {
            let count = try await privacy.items(of: "u\(number)-\(canary)").count
            #expect(number.isMultiple(of: 2) ? count == 0 : count > 5)
        }
    }

    private static func forms(_ canary: String) -> [Data] {
        let raw = Data(canary.utf8)
        // At each of the three ways to lie in base64, what does not depend on the neighbours.
        let encoded = (0..<3).map { shift -> Data in
            let text = Data(repeating: 0x20, count: shift) + raw
            return Data(text.base64EncodedString().utf8.dropFirst(4).dropLast(4))
        }
        let hex = raw.map { String(format: "%02x", $0) }.joined()
        let urlEncoded = raw.map { String(format: "%%%02X", $0) }.joined()
        let wide = ([String.Encoding.utf16LittleEndian, .utf16BigEndian]).compactMap { canary.data(using: $0) }
        return [raw, Data(hex.utf8), Data(hex.uppercased().utf8), Data(urlEncoded.utf8)] + encoded + wide
    }
}

/// Finds any of many words in one pass.
private struct Words {
    private var byStart: [UInt64: [[UInt8]]] = [:]

    init(_ words: [Data]) {
        for word in words.map({ Array($0) }) { byStart[word.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, default: []].append(word) }
    }

    func occur(in bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var window: UInt64 = 0
            for place in bytes.indices {
                window = window << 8 | UInt64(bytes[place])
                guard window != 0, let words = byStart[window] else { continue }
                if words.contains(where: { bytes[(place - 7)...].starts(with: $0) }) { return true }
            }
            return false
        }
    }
}
