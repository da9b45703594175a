import SwiftProtobuf
import Testing

@testable import Engine

@Suite("Stored sessions") struct SessionRecordTests {
    private let start = PersonalizationFixture.now

    private func event(_ seconds: Int64, _ type: InteractionType?) -> CountedEvent {
        let at = start.adding(seconds: seconds)
        return CountedEvent(at: at, local: LocalTime(at, in: "UTC"), type: type)
    }

    private var visit: Session {
        var session = Session(name: "s", clientID: "c", startedAt: start, isReturn: true)
        for (step, page) in ["/", "/lamps", "/", "/lamps/:id", "/"].enumerated() {
            session.count(event(Int64(step) * 60, .pageView), page: page, clientID: "c")
        }
        session.noteDwell(
            CountedEvent(
                at: start.adding(seconds: 100), local: LocalTime(start, in: "UTC"),
                attention: PageAttention(dwellMilliseconds: 7_000, scrollPercentMax: 0, outboundClicks: 0),
                isMeasurement: true), on: "/lamps")
        session.count(event(130, .addToCart), page: nil, clientID: "c")
        session.count(event(190, .purchaseCompleted), page: nil, clientID: "c")
        return session
    }

    @Test func comesBackAsItWas() throws {
        let stored = try SessionRecord(serializedBytes: visit.record.serializedBytes() as [UInt8])
        #expect(Session(stored) == visit)
        #expect(visit.path.map(\.isBehindGoal) == [false, false, false, true, true])
        #expect(visit.path[1].dwellMilliseconds == 7_000 && visit.path[2].actedAt == start.adding(seconds: 130))
        #expect(stored.visitedPath.names == ["/", "/lamps", "/lamps/:id"])
    }

    @Test func comesBackWithoutPages() throws {
        let session = Session(name: "s", clientID: nil, startedAt: start, isReturn: false)
        #expect(Session(session.record) == session)
    }

    @Test("a path that was written page by page is read")
    func earlierRecord() {
        var record = visit.record
        record.clearVisitedPath()
        record.path = visit.path.map { visited in
            VisitedPageRecord.with { page in
                page.page = visited.page
                page.at = visited.at.milliseconds
                page.dwellMilliseconds = visited.dwellMilliseconds
                page.actedAfterMilliseconds = UInt64(visited.actedAt.map { $0.milliseconds - visited.at.milliseconds } ?? 0)
                page.isBehindGoal = visited.isBehindGoal
            }
        }
        #expect(Session(record) == visit)
    }

    @Test("a path whose columns do not fit together is read as far as they do")
    func unequalColumns() {
        var record = visit.record
        record.visitedPath.names.removeLast()
        record.visitedPath.moments.removeLast()
        record.visitedPath.pagesBehindGoal = 9
        #expect(Session(record).path.map(\.page) == ["/", "/lamps", "/"])
    }
}
