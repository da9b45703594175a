import Engine
import Foundation
import Testing

@Suite("Restore of proofs and erasures") struct RestoredPrivacyTests {
    private func restore(_ privacy: PrivacyFixture, into name: String, ledger: String? = nil) async throws -> EngineFixture {
        let fixture = privacy.fixture
        let now = fixture.now
        let restore = Restore(
            from: "\(fixture.folder.path)/backup", EngineFixture.configuration(fixture.folder, name), keepsMasterKey: false,
            ledgerPath: ledger
        ) { now }
        _ = try await restore.run()
        return try await EngineFixture(fixture.folder, name: name, now: now)
    }

    private func backUp(_ privacy: PrivacyFixture) async throws {
        _ = try await BackUp(folder: "\(privacy.fixture.folder.path)/backup").perform(on: privacy.engine)
    }

    @Test func aFolderInUseKeepsItsLogItsLedgerAndItsSuppressions() async throws {
        let privacy = try await PrivacyFixture()
        for id in ["goes", "stays"] { try await privacy.live(id, canary: id) }
        let first = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("first"))
        try await backUp(privacy)
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("goes"))
        _ = try await privacy.engine.regulations.perform(
            privacy.scope, kind: "SUPPRESS_ONLY", subjectType: "USER_ID", subjects: [UserID("quiet")])
        let entries = try await privacy.entries().map(\.leaf)
        let navigation = try await privacy.engine.insights.navigation(privacy.scope, days: 30)
        #expect(navigation.sessions > 0)
        await privacy.engine.close()
        let restored = try await restore(privacy, into: "data")
        let scope = try restored.scope(privacy.key)
        // What the erased had added is in the backup's sums.
        #expect(try await restored.engine.insights.navigation(scope, days: 30) == navigation)
        #expect(try restored.engine.users.count(scope) == 1)
        let after = try await privacy.entries(on: restored.engine, scope)
        #expect(after.dropLast().map(\.leaf) == entries && after.last?.action == "restore")
        for kept in [first, receipt] {
            #expect(try await restored.engine.audit.isValid(scope, kept))
            #expect(try await restored.engine.audit.receipt(scope, id: kept.id).payload == kept.payload)
        }
        #expect(try await privacy.items(of: "goes", on: restored.engine).isEmpty)
        #expect(try await privacy.items(of: "stays", on: restored.engine).count > 5)
        #expect(try await restored.engine.behavioralProfiles.profiles(scope, skip: 0, limit: 10, level: nil).count == 1)
        #expect(await restored.code { try await restored.use("f", by: "quiet", scope) } == .conflict)
        let whole = try await VerifyAudit(tenant: "acme", checkpoint: nil).perform(on: restored.engine)
        #expect(whole.valid && whole.treeSize == UInt64(after.count))
    }

    @Test func aLogThatIsNotTheBeginningOfThePresentOneIsRefused() async throws {
        let privacy = try await PrivacyFixture()
        try privacy.fixture.folder.copy("data", as: "fork")
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("a"))
        try await backUp(privacy)
        await privacy.engine.close()
        let fork = try await EngineFixture(privacy.fixture.folder, name: "fork", now: privacy.fixture.now)
        let scope = try fork.scope(privacy.key)
        for id in ["b", "c", "d"] { _ = try await fork.engine.erasures.erase(scope, scope.authorize(.eraseUser, for: .user(UserID(id)))) }
        await fork.engine.close()
        #expect(await privacy.fixture.code { _ = try await restore(privacy, into: "fork") } == .conflict)
        let again = try await EngineFixture(privacy.fixture.folder, name: "fork", now: privacy.fixture.now)
        #expect(try await privacy.entries(on: again.engine, again.scope(privacy.key)).filter { $0.action == "erasure" }.count == 3)
    }

    @Test func intoAnEmptyFolderTheLedgerBringsNobodyBack() async throws {
        let privacy = try await PrivacyFixture()
        for id in ["goes", "stays"] { try await privacy.live(id, canary: id) }
        try await backUp(privacy)
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("goes"))
        let ledger = "\(privacy.fixture.folder.path)/ledger"
        // The person, and the visitor who turned out to be the person.
        #expect(try await ExportLedger(path: ledger).perform(on: privacy.engine).entries == 2)
        #expect(try !Files.contains(ledger, "goes"))
        let without = try await restore(privacy, into: "without")
        #expect(try await privacy.items(of: "goes", on: without.engine).count > 5)
        let with = try await restore(privacy, into: "with", ledger: ledger)
        #expect(try await privacy.items(of: "goes", on: with.engine).isEmpty)
        #expect(try await privacy.items(of: "stays", on: with.engine).count > 5)
    }

    /// Held when the backup was made; lifted and erased since.
    @Test func theLedgerErasesWhoWasHeldInTheBackup() async throws {
        let privacy = try await PrivacyFixture()
        let (engine, scope) = (privacy.engine, privacy.scope)
        try await privacy.live("goes", canary: "goes")
        _ = try await engine.holds.place(scope, privacy.user("visitor"), reason: "claim")
        try await privacy.join("visitor", to: "goes", canary: "v")
        _ = try await engine.holds.place(scope, privacy.user("goes"), reason: "claim")
        try await backUp(privacy)
        _ = try await engine.holds.lift(scope, privacy.user("goes"))
        _ = try await engine.erasures.erase(scope, privacy.user("goes"))
        let ledger = "\(privacy.fixture.folder.path)/ledger"
        _ = try await ExportLedger(path: ledger).perform(on: engine)
        let with = try await restore(privacy, into: "with", ledger: ledger)
        #expect(try await privacy.items(of: "goes", on: with.engine).isEmpty)
    }

    private static let ids = ["a7551968-d5d6-44b2-9831-815ac9017798", "b7551968-d5d6-44b2-9831-815ac9017798"]

    private func submit(_ id: String, user: String, _ privacy: PrivacyFixture) async throws {
        let identity = try OpenDSRIdentity(type: "controller_customer_id", format: "raw", value: user, pointer: "")
        let members = OpenDSRSubmission.Members(
            subjectRequestID: id, kind: "erasure", regulation: "gdpr", submittedTime: privacy.scope.now.rfc3339, identities: [identity],
            callbackURLs: ["https://c.example/a"])
        let submission = try OpenDSRSubmission(members, body: Array("{\"\(user)\"}".utf8), isLegacy: false, allowsPlainCallbacks: false)
        _ = try await privacy.engine.openDSR.submit(privacy.scope, submission)
    }

    /// One came after the backup and is open; one was open in the backup and is done since.
    @Test func aFolderInUseKeepsItsOpenDSRRequestsAsTheyStand() async throws {
        let privacy = try await PrivacyFixture()
        for id in ["first", "second"] { try await privacy.live(id, canary: id) }
        try await submit(Self.ids[0], user: "first", privacy)
        try await backUp(privacy)
        await privacy.engine.openDSRWork.runOnce()
        let done = try await privacy.engine.openDSR.status(privacy.scope, id: Self.ids[0])
        try await submit(Self.ids[1], user: "second", privacy)
        let messages = privacy.engine.outbox.waiting
        await privacy.engine.close()
        let restored = try await restore(privacy, into: "data")
        let (engine, scope) = (restored.engine, try restored.scope(privacy.key))
        #expect(engine.outbox.waiting == messages && engine.openDSRWork.waiting == 1)
        #expect(try await engine.openDSR.status(scope, id: Self.ids[0]) == done)
        await engine.openDSRWork.runOnce()
        #expect(try await privacy.items(of: "second", on: engine).isEmpty)
        let status = String(decoding: try await engine.openDSR.status(scope, id: Self.ids[1]), as: UTF8.self)
        #expect(status.contains("completed") && status.contains("\"results_count\":1"))
        #expect(try await Diagnose().perform(on: engine).problems == [])
    }

    /// What a visitor did who was joined lies in a backup as the visitor's, also where another has taken its place at the user since.
    @Test func visitorsWhoMadeRoomGoWithTheUser() async throws {
        let privacy = try await PrivacyFixture()
        let events = privacy.events
        let (count, released) = (Limits.joinedVisitorsMax + 4, ["anon0", "anon1", "anon2", "anon3"])
        _ = try await events.send((0..<count).map { events.page("/", visitor: "anon\($0)", id: "v\($0)") })
        try await backUp(privacy)
        for number in 0..<count { try await privacy.join("anon\(number)", to: "goes", canary: "\(number)") }
        for id in released { #expect(try await privacy.items(of: id).isEmpty) }
        // Somebody of their own by now.
        #expect(try await events.send([events.page("/", visitor: "anon1", id: "again")]) == ["accepted"])
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("goes"))
        #expect(try await privacy.items(of: "anon1").count > 0)
        let ledger = "\(privacy.fixture.folder.path)/ledger"
        #expect(try await ExportLedger(path: ledger).perform(on: privacy.engine).entries == count)
        let restored = try await restore(privacy, into: "with", ledger: ledger)
        for number in 0..<count {
            #expect(try await privacy.items(of: "anon\(number)", on: restored.engine).isEmpty == (number != 1))
        }
    }
}
