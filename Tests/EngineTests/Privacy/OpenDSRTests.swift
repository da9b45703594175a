import AttuneCrypto
import Engine
import Foundation
import Synchronization
import Testing

@Suite("OpenDSR") struct OpenDSRTests {
    private static let id = "a7551968-d5d6-44b2-9831-815ac9017798"

    private func submission(
        _ privacy: PrivacyFixture, kind: String = "erasure", user: String = "u1", callbacks: [String] = ["https://c.example/a"]
    ) throws -> OpenDSRSubmission {
        let identity = try OpenDSRIdentity(type: "controller_customer_id", format: "raw", value: user, pointer: "")
        let members = OpenDSRSubmission.Members(
            subjectRequestID: Self.id, kind: kind, regulation: "gdpr", submittedTime: privacy.scope.now.rfc3339, identities: [identity],
            callbackURLs: callbacks)
        return try OpenDSRSubmission(members, body: Array("{\"\(user)\"}".utf8), isLegacy: false, allowsPlainCallbacks: false)
    }

    private func status(_ privacy: PrivacyFixture) async throws -> String {
        let document = try await privacy.engine.openDSR.status(privacy.scope, id: Self.id)
        let object = try #require(JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
        return try #require(object["request_status"] as? String)
    }

    @Test func fromPendingToDone() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        let users = try privacy.engine.users.count(privacy.scope)
        let engine = privacy.engine
        _ = try await engine.openDSR.submit(privacy.scope, submission(privacy))
        #expect(try await status(privacy) == "pending")
        #expect(try engine.users.count(privacy.scope) == users)
        await engine.openDSRWork.runOnce()
        #expect(try await status(privacy) == "completed")
        #expect(engine.openDSRWork.waiting == 0)
        #expect(engine.outbox.waiting == 2)
        #expect(try await privacy.items(of: "u1").isEmpty)
        let actions = try await privacy.entries().map(\.action).filter { !$0.hasSuffix("-created") }
        #expect(actions == ["opendsr-request", "erasure-requested", "erasure", "request-completed"])
        #expect(try engine.users.count(privacy.scope) == users - 1)
        #expect(await privacy.fixture.code { _ = try await engine.openDSR.cancel(privacy.scope, id: Self.id) } == .conflict)
        #expect(try await Diagnose().perform(on: engine).problems == [])
        // What was waiting is waiting after a restart, and once.
        let reopened = try await privacy.fixture.reopened()
        #expect(reopened.engine.outbox.waiting == 2 && reopened.engine.openDSRWork.waiting == 0)
    }

    @Test func theSameOnceMoreAndAnotherUnderItsID() async throws {
        let privacy = try await PrivacyFixture()
        let openDSR = privacy.engine.openDSR
        let first = try await openDSR.submit(privacy.scope, submission(privacy))
        #expect(try await openDSR.submit(privacy.scope, submission(privacy)) == first)
        #expect(await privacy.fixture.code { _ = try await openDSR.submit(privacy.scope, submission(privacy, user: "u2")) } == .conflict)
        let document = try await openDSR.cancel(privacy.scope, id: Self.id)
        #expect(String(decoding: document, as: UTF8.self).contains("processor_signature"))
        #expect(try await status(privacy) == "cancelled")
        #expect(privacy.engine.openDSRWork.waiting == 0)
        await privacy.engine.openDSRWork.runOnce()
        #expect(try await openDSR.submit(privacy.scope, submission(privacy)) == first)
        #expect(try await status(privacy) == "cancelled")
        #expect(privacy.engine.outbox.waiting == 1)
    }

    /// Killed after it was taken, and after it was done but before by what the person was named is forgotten.
    @Test func aCrashLosesNothing() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        _ = try await privacy.engine.openDSR.submit(privacy.scope, submission(privacy))
        let copy = try await privacy.fixture.killed(as: "copy")
        #expect(copy.engine.openDSRWork.waiting == 1)
        await copy.engine.openDSRWork.runOnce()
        #expect(copy.engine.openDSRWork.waiting == 0 && copy.engine.outbox.waiting == 2)
        #expect(try await privacy.items(of: "u1", on: copy.engine).isEmpty)
        #expect(try await Diagnose().perform(on: copy.engine).problems == [])
    }

    /// Of several who are named, the held one keeps none of the others, and a lifted hold lets it go on without another search.
    @Test func aHoldKeepsItsUserAndNoneOfTheOthers() async throws {
        let privacy = try await PrivacyFixture()
        for id in ["u1", "u2", "u3"] { try await privacy.live(id, canary: id) }
        _ = try await privacy.engine.holds.place(privacy.scope, privacy.user("u2"), reason: "claim")
        let identities = try ["u1", "u2", "u3"].map {
            try OpenDSRIdentity(type: "controller_customer_id", format: "raw", value: $0, pointer: "")
        }
        let members = OpenDSRSubmission.Members(
            subjectRequestID: Self.id, kind: "erasure", regulation: "gdpr", submittedTime: privacy.scope.now.rfc3339,
            identities: identities,
            callbackURLs: [])
        let submission = try OpenDSRSubmission(members, body: [1], isLegacy: false, allowsPlainCallbacks: false)
        _ = try await privacy.engine.openDSR.submit(privacy.scope, submission)
        await privacy.engine.openDSRWork.runOnce()
        for id in ["u1", "u2", "u3"] { #expect(try await privacy.items(of: id).isEmpty == (id != "u2")) }
        #expect(try await status(privacy) == "in_progress" && privacy.engine.openDSRWork.waiting == 1)
        privacy.fixture.advance(seconds: 61)
        await privacy.engine.openDSRWork.runOnce()
        let erasures = try await privacy.entries().filter { $0.action == "erasure" }.count
        #expect(erasures == 2, "whoever is erased is not erased again")
        _ = try await privacy.engine.holds.lift(privacy.scope, privacy.user("u2"))
        await privacy.engine.openDSRWork.runOnce()
        #expect(try await status(privacy) == "completed" && privacy.engine.openDSRWork.waiting == 0)
        #expect(try await privacy.items(of: "u2").isEmpty)
        let document = String(decoding: try await privacy.engine.openDSR.status(privacy.scope, id: Self.id), as: UTF8.self)
        #expect(document.contains("\"results_count\":3"))
    }

    /// Requests that are due together are done in one round, with one walk over the users.
    @Test func whatIsDueTogetherIsDoneTogether() async throws {
        let privacy = try await PrivacyFixture()
        for number in 0..<9 {
            try await privacy.fixture.use("f", by: "u\(number)", privacy.scope)
            let digest = SHA256.digest(Array("u\(number)".utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let identity = try OpenDSRIdentity(type: "controller_customer_id", format: "sha256", value: digest, pointer: "")
            let members = OpenDSRSubmission.Members(
                subjectRequestID: "a7551968-d5d6-44b2-9831-815ac901779\(number)", kind: "erasure", regulation: "gdpr",
                submittedTime: privacy.scope.now.rfc3339, identities: [identity], callbackURLs: [])
            let submission = try OpenDSRSubmission(members, body: [UInt8(number)], isLegacy: false, allowsPlainCallbacks: false)
            _ = try await privacy.engine.openDSR.submit(privacy.scope, submission)
        }
        await privacy.engine.openDSRWork.runOnce()
        #expect(privacy.engine.openDSRWork.waiting == 0)
        for number in 0..<9 { #expect(try await privacy.items(of: "u\(number)").isEmpty) }
    }

    /// What `submitted_time` says names nothing, and what is spoken is what is answered.
    @Test func theCallersTimeIsNoName() async throws {
        let privacy = try await PrivacyFixture()
        let identity = try OpenDSRIdentity(type: "controller_customer_id", format: "raw", value: "u1", pointer: "")
        let members = OpenDSRSubmission.Members(
            subjectRequestID: Self.id, kind: "access", regulation: "gdpr",
            submittedTime: privacy.scope.now.adding(seconds: -86_400).rfc3339, identities: [identity], callbackURLs: [])
        let submission = try OpenDSRSubmission(members, body: [1], isLegacy: false, allowsPlainCallbacks: false)
        _ = try await privacy.engine.openDSR.submit(privacy.scope, submission)
        let entry = DataRequests.Entry(kind: "access", user: nil, regulation: nil, receivedAt: nil)
        let now = try await privacy.engine.requests.enter(privacy.scope, entry)
        let items = try await privacy.engine.requests.page(privacy.scope, limit: 10, cursor: nil).items
        #expect(items.count == 2 && Set(items.map { $0.id.prefix(15) }) == [now.id.prefix(15)])
        #expect(items.contains { $0.receivedAt == privacy.scope.now.adding(seconds: -86_400).rfc3339 })
    }

    @Test func messagesGoOutSignedAndInOrderUntilTheyAreTaken() async throws {
        let privacy = try await PrivacyFixture()
        let engine = privacy.engine
        _ = try await engine.openDSR.submit(
            privacy.scope, submission(privacy, callbacks: (0..<10).map { "https://c.example/\($0)" }))
        await engine.openDSRWork.runOnce()
        let sender = Sender()
        let delivery = Task { await engine.outbox.run(sender) }
        let end = ContinuousClock.now + .seconds(20)
        while engine.outbox.waiting > 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
        delivery.cancel()
        await delivery.value
        let certificate = try await engine.openDSR.certificate()
        #expect(certificate.starts(with: Array("-----BEGIN CERTIFICATE-----\n".utf8)))
        #expect(sender.sent.count == 20 && sender.atOnceMax <= Limits.deliveriesPerTenantAtOnceMax)
        for url in Set(sender.sent.map(\.url)) {
            let statuses = sender.sent.filter { $0.url == url }.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(statuses.count == 2 && statuses[0].contains("in_progress") && statuses[1].contains("completed"))
        }
        #expect(sender.sent.allSatisfy { $0.headers.contains { $0.name == "X-OpenDSR-Processor-Domain" && $0.value == "attune.example" } })
    }
}

/// Takes everything, and counts how many come at once.
private final class Sender: MessageSender {
    private let state = Mutex<(sent: [OutgoingMessage], now: Int, max: Int)>(([], 0, 0))

    var sent: [OutgoingMessage] { state.withLock { $0.sent } }
    var atOnceMax: Int { state.withLock { $0.max } }

    func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        state.withLock { state in
            state.now += 1
            state.max = max(state.max, state.now)
        }
        try? await Task.sleep(for: .milliseconds(30))
        state.withLock { state in
            state.sent.append(message)
            state.now -= 1
        }
        return .delivered
    }
}
