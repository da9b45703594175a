import Engine
import Testing

@Suite("TimeZones")
struct TimeZonesTests {
    @Test(arguments: [
        "UTC", "Europe/Paris", "Asia/Calcutta", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "US/Pacific", "GMT",
        "Europe/Kyiv", "Australia/Lord_Howe", "Japan",
    ])
    func knows(name: String) {
        #expect(TimeZones.isKnown(name))
    }

    @Test(arguments: [
        "", "EST5", "GMT+3", "UTC+3", "PST", "CEST", "IST", "+03:00", "GMT+03:00", "Paris", "europe/paris", "Europe/Paris ", "Europe/",
        "/Paris", "Foo/Bar", "SystemV/AST4", "../etc/passwd", "Europe/Paris\u{0}", "Etc/Unknown",
    ])
    func refuses(name: String) {
        #expect(!TimeZones.isKnown(name))
    }

    @Test(arguments: [
        ("2025-03-30T00:59:59Z", "Europe/Paris", 1), ("2025-03-30T01:00:00Z", "Europe/Paris", 3),
        ("2025-10-26T00:59:59Z", "Europe/Paris", 2), ("2025-10-26T01:00:00Z", "Europe/Paris", 2),
        ("2025-10-26T02:00:00Z", "Europe/Paris", 3), ("2025-03-09T06:59:59Z", "America/New_York", 1),
        ("2025-03-09T07:00:00Z", "America/New_York", 3), ("2025-06-01T18:29:59Z", "Asia/Kolkata", 23),
        ("2025-06-01T18:30:00Z", "Asia/Kolkata", 0), ("2025-01-01T12:59:59Z", "Australia/Lord_Howe", 23),
        ("2025-06-01T13:15:00Z", "Australia/Lord_Howe", 23), ("2025-06-01T23:30:00Z", "UTC", 23), ("2025-06-01T23:30:00Z", "Not/AZone", 23),
        ("1969-12-31T23:30:00Z", "UTC", 23), ("1969-12-31T23:30:00Z", "Asia/Tokyo", 8), ("2025-06-01T23:30:00Z", "Etc/GMT+3", 20),
    ])
    func tellsTheLocalHour(moment: String, zone: String, hour: Int) throws {
        let moment = try #require(Timestamp(rfc3339: moment))
        #expect(TimeZones.localHour(of: moment, in: zone) == hour)
    }

    @Test func answersAlikeFromManyTasks() async {
        let zones = ["Europe/Paris", "Asia/Tokyo", "America/New_York", "UTC"]
        let expected = zones.map { TimeZones.localHour(of: PersonalizationFixture.now, in: $0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { _ in zones.map { TimeZones.localHour(of: PersonalizationFixture.now, in: $0) } == expected }
                }
            }
            for await agrees in group { #expect(agrees) }
        }
    }
}
