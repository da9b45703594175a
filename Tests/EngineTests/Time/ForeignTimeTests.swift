import Engine
import Testing

@Suite("Times as other programs write them")
struct ForeignTimeTests {
    /// 2026-11-21T06:49:32Z.
    private static let moment = Timestamp(milliseconds: 1_795_243_772_000)

    @Test(
        "one moment in many forms",
        arguments: [
            "2026-11-21T06:49:32Z", "2026-11-21t06:49:32z", "2026-11-21 06:49:32", "2026-11-21T06:49:32", "2026-11-21T06:49:32+0000",
            "2026-11-21T06:49:32+00", "2026-11-21T06:49:32-0000", "2026-11-21T06:49:32.000000000000000000000001Z",
            "2026-11-21T06:49:32,0000Z",
            "2026-11-21T08:49:32+0200", "2026-11-21T08:49:32+02", "2026-11-21T08:49:32+02:00", "2026-11-20T18:19:32-1230",
            "2026-11-21 06:49:32 +0000", "2026-11-21 06:49:32 UTC", "2026-11-21 06:49:32.0 +0000 UTC",
            "2026-11-21T07:49:32+01:00[Europe/Paris]",
            "  2026-11-21T06:49:32Z  ", "1795243772", "1795243772000", "1795243772.0", "1795243772000.7", "2026-11-21T06:49:32 GMT",
        ])
    func forms(_ text: String) {
        #expect(Timestamp(foreign: text) == Self.moment, "\(text)")
    }

    @Test("fractions of any length, in seconds too")
    func fractions() {
        #expect(Timestamp(foreign: "2026-11-21T06:49:32.1Z")?.milliseconds == 1_795_243_772_100)
        #expect(Timestamp(foreign: "2026-11-21T06:49:32.1239999+0000")?.milliseconds == 1_795_243_772_123)
        #expect(Timestamp(foreign: "1795243772.123")?.milliseconds == 1_795_243_772_123)
        #expect(Timestamp(foreign: "2026-11-21")?.rfc3339 == "2026-11-21T00:00:00Z")
        #expect(Timestamp(foreign: "2026-11-21T06:49Z")?.rfc3339 == "2026-11-21T06:49:00Z")
        #expect(Timestamp(foreign: "2016-12-31T23:59:60Z")?.rfc3339 == "2016-12-31T23:59:59Z")
        #expect(Timestamp(foreign: "9999-12-31T23:59:59.999Z")?.rfc3339 == "9999-12-31T23:59:59.999Z")
    }

    @Test(
        "what is none",
        arguments: [
            "", " ", "now", "today", "0", "-1", "1", "2026", "20261121", "-1795243772", "17952437720000000", "1795243772000000000000000",
            String(repeating: "9", count: 400), "1e12", "0x6B", "NaN", "Infinity", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2026-13-01", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T06:60:00Z", "2026-11-21T06:49:61Z", "2026-11-21T06:49:32.Z", "2026-11-21T06:49:32+", "2026-11-21T06:49:32+2",
            "2026-11-21T06:49:32+24:00", "2026-11-21T06:49:32 CET", "2026-11-21T06:49:32Z[", "21/11/2026", "11-21-2026",
            "Sat, 21 Nov 2026 06:49:32 GMT", "\u{662}\u{660}\u{662}\u{666}-11-21", "2026-11-21T06:49:32Z\u{0}", "..", "1.2.3", "-", ".",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(foreign: text) == nil, "\(text)")
    }

    @Test("numbers: seconds, milliseconds, and none", arguments: [Double.nan, .infinity, -.infinity, 0, -1e18, 1e16, 1e300, 99_999_999])
    func numbers(_ number: Double) {
        #expect(Timestamp(epoch: number) == nil)
        #expect(Timestamp(epoch: 1_795_243_772) == Self.moment && Timestamp(epoch: 1_795_243_772_000) == Self.moment)
    }
}
