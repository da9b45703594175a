import Engine
import Testing

@Suite("When an event happened")
struct EventTimesTests {
    private static let now = Timestamp(milliseconds: 1_795_243_772_000)
    private static let then = now.adding(seconds: -40 * 86_400)

    private static func time(_ moment: Timestamp, _ seconds: Int64 = 0) -> String { "\"\(moment.adding(seconds: seconds).rfc3339)\"" }

    private func at(_ members: String, isArchive: Bool = false) throws -> Timestamp? {
        let text = #"{"type":"track","event":"x","userId":"u"\#(members.isEmpty ? "" : ",")\#(members)}"#
        var reader = SegmentReader(receivedAt: Self.now) { _ in "m" }
        reader.isArchive = isArchive
        return try? reader.event(try #require(JSONTape(Array(text.utf8))).root).get().at
    }

    @Test("live, the sender's clock is corrected by when it sent")
    func live() throws {
        #expect(try at("") == Self.now)
        #expect(try at(#""timestamp":\#(Self.time(Self.then))"#) == Self.then)
        #expect(try at(#""timestamp":\#(Self.time(Self.then)),"sentAt":\#(Self.time(Self.then, 5))"#) == Self.now.adding(seconds: -5))
        let late = Self.now.adding(seconds: 600)
        #expect(try at(#""originalTimestamp":\#(Self.time(late)),"sentAt":\#(Self.time(late, 5))"#) == Self.now.adding(seconds: -5))
    }

    @Test("forwarded, it keeps its time")
    func forwarded() throws {
        let sent = #""originalTimestamp":\#(Self.time(Self.then, 3)),"sentAt":\#(Self.time(Self.then, 5))"#
        #expect(try at(sent) == Self.then.adding(seconds: 3))
        #expect(try at(sent + #","timestamp":\#(Self.time(Self.then))"#) == Self.then)
        #expect(try at(sent + #","receivedAt":\#(Self.time(Self.then, 2))"#) == Self.then)
        #expect(try at(#""timestamp":\#(Self.time(Self.then)),"originalTimestamp":"?""#) == Self.then)
    }

    @Test("in an archive, nothing is received now")
    func archive() throws {
        let members = #""timestamp":\#(Self.time(Self.then)),"sentAt":\#(Self.time(Self.then, 5))"#
        #expect(try at(members, isArchive: true) == Self.then)
        #expect(try at(#""originalTimestamp":\#(Self.time(Self.then)),"sentAt":\#(Self.time(Self.now))"#, isArchive: true) == Self.then)
        #expect(try at(#""receivedAt":\#(Self.time(Self.then))"#, isArchive: true) == Self.then)
        #expect(try at(#""sentAt":\#(Self.time(Self.then))"#, isArchive: true) == Self.then)
    }

    @Test("what cannot be read is refused, except `sentAt`, which says nothing then")
    func unreadable() throws {
        for bad in [#""?""#, "0", "-5", #""""#, "true", "[]", "{}", "1e300", #""1970""#] {
            #expect(try at(#""timestamp":\#(bad)"#) == nil, "\(bad)")
            #expect(try at(#""originalTimestamp":\#(bad)"#) == nil, "\(bad)")
            #expect(try at(#""timestamp":\#(Self.time(Self.then)),"sentAt":\#(bad)"#) == Self.then, "\(bad)")
        }
        #expect(try at(#""timestamp":1791787772,"sentAt":null"#) == Timestamp(seconds: 1_791_787_772))
        #expect(try at(#""timestamp":1791787772000"#) == Timestamp(seconds: 1_791_787_772))
        #expect(try at(#""timestamp":null"#) == Self.now)
    }
}
