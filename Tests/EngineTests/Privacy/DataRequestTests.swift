import Engine
import Synchronization
import Testing

@Suite("DataRequests") struct DataRequestTests {
    private func list(_ privacy: PrivacyFixture, openOnly: Bool = false) async throws -> [DataRequestDocument] {
        try await privacy.engine.requests.page(privacy.scope, limit: 100, cursor: nil, openOnly: openOnly).items
    }

    private func entered(_ privacy: PrivacyFixture, daysAgo: Int64 = 0) async throws -> DataRequestID {
        let receivedAt = privacy.scope.now.adding(seconds: -daysAgo * 86_400)
        let entry = DataRequests.Entry(kind: "rectification", user: try UserID("u1"), regulation: nil, receivedAt: receivedAt)
        return try #require(DataRequestID(try await privacy.engine.requests.enter(privacy.scope, entry).id))
    }

    @Test func everythingThatIsAskedForIsALine() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        _ = try await privacy.engine.exports.export(privacy.scope, privacy.user("u1", .exportUser), format: .json)
        _ = try await privacy.engine.restrictions.restrict(privacy.scope, privacy.user("u1"), true)
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u2"), .anonymization)
        _ = try await privacy.engine.regulations.perform(
            privacy.scope, kind: "SUPPRESS_WITH_DELETE", subjectType: "USER_ID", subjects: [UserID("u3"), UserID("u4")])
        let lines = try await list(privacy)
        #expect(
            Set(lines.map { "\($0.type) \($0.source) \($0.subjects) \($0.status)" }) == [
                "access api 1 completed", "restriction api 1 completed", "erasure api 1 completed", "anonymization api 1 completed",
                "erasure regulation 2 completed",
            ])
        #expect(lines.count == 5 && lines.contains { $0.receiptId == receipt.id })
        #expect(lines.allSatisfy { $0.daysLeft == nil && !$0.overdue && $0.subject?.contains("u1") != true })
        #expect(try await list(privacy, openOnly: true).isEmpty)
        #expect(try await Diagnose().perform(on: privacy.engine).problems == [])
    }

    @Test func extendedOnceWithAReasonAndInTime() async throws {
        let privacy = try await PrivacyFixture()
        let requests = privacy.engine.requests
        let id = try await entered(privacy)
        let fixture = privacy.fixture
        #expect(await fixture.code { _ = try await requests.extend(privacy.scope, id: id, reason: "") } == .invalid)
        let before = try await requests.request(privacy.scope, id: id)
        let after = try await requests.extend(privacy.scope, id: id, reason: "many sources")
        #expect(after.extension?.reason == "many sources" && (after.daysLeft ?? 0) > (before.daysLeft ?? 0) + 58)
        #expect(await fixture.code { _ = try await requests.extend(privacy.scope, id: id, reason: "again") } == .conflict)
        let late = try await entered(privacy, daysAgo: 40)
        #expect(try await requests.request(privacy.scope, id: late).overdue)
        #expect(await fixture.code { _ = try await requests.extend(privacy.scope, id: late, reason: "late") } == .conflict)
        #expect(try await requests.complete(privacy.scope, id: late).overdue)
        #expect(await fixture.code { _ = try await requests.complete(privacy.scope, id: late) } == .conflict)
        #expect(await fixture.code { _ = try await requests.extend(privacy.scope, id: nil, reason: "x") } == .notFound)
        #expect(try await list(privacy, openOnly: true).map(\.id) == [id.text])
        let actions = try await privacy.entries().map(\.action).filter { $0.hasPrefix("request-") }
        #expect(actions == ["request-entered", "request-extended", "request-entered", "request-completed"])
    }

    @Test func pagesGoOnWhereTheOneBeforeEnded() async throws {
        let privacy = try await PrivacyFixture()
        for days in Int64(0)..<7 { _ = try await entered(privacy, daysAgo: days) }
        var (all, cursor): ([DataRequestDocument], String?) = ([], nil)
        repeat {
            let page = try await privacy.engine.requests.page(privacy.scope, limit: 3, cursor: cursor)
            all += page.items
            cursor = page.nextCursor
        } while cursor != nil
        #expect(all.count == 7 && all.map(\.id) == all.map(\.id).sorted())
        #expect(Set(all.map(\.id)).count == 7)
    }

    @Test(arguments: [
        "", "req_", "req_e5e00fa7005_d78bc91d", "req_E5e00fa7005-d78bc91d", "req_e5e00fa7005-d78bc91d0", "e5e00fa7005-d78bc91d",
    ])
    func whatNamesNoRequest(text: String) {
        #expect(DataRequestID(text) == nil)
    }

    @Test func anErasureCutShortIsOneLineThatEnds() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "c")
        let copies = Mutex<[EngineFixture]>([])
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1")) { step in
            guard step == .counted, let copy = try? await privacy.fixture.killed(as: "copy") else { return }
            copies.withLock { $0.append(copy) }
        }
        let copy = try #require(copies.withLock { $0.first })
        let lines = try await ListPrivacyRequests(tenant: "acme", openOnly: false).perform(on: copy.engine)
        #expect(lines.map(\.status) == ["completed"] && lines[0].receiptId != nil)
    }
}
