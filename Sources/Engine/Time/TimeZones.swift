import Foundation
import Synchronization

/// The IANA time zones: which names there are, and the hour on the wall in one.
package enum TimeZones {
    /// Zones in use; looking one up by name costs microseconds, asking it a fraction of one.
    private static let cache = Mutex<[String: TimeZone]>([:])

    /// The IANA names without a slash. Foundation takes abbreviations ("PST") and offsets ("GMT+3") as well, which are none.
    private static let plainNames: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich",
        "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT",
        "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET",
        "Zulu",
    ]

    /// Whether this is an IANA name, links such as "Asia/Calcutta" included, written as in the database.
    package static func isKnown(_ name: String) -> Bool {
        zone(named: name) != nil
    }

    /// The hour, 0 to 23, that clocks show in the zone; in UTC where the zone is unknown.
    package static func localHour(of moment: Timestamp, in name: String) -> Int {
        localDayAndHour(of: moment, in: name).hour
    }

    /// The day, counted from 1970 on, and the hour, 0 to 23, that clocks show in the zone; in UTC where the zone is unknown.
    package static func localDayAndHour(of moment: Timestamp, in name: String) -> (day: Int, hour: Int) {
        let local = moment.seconds + Int64(offsetSeconds(at: moment, in: name))
        let day = local.flooredQuotient(86_400)
        return (Int(day), Int((local - day * 86_400) / 3600))
    }

    /// Seconds by which the zone's clocks are ahead of UTC; 0 where the zone is unknown.
    static func offsetSeconds(at moment: Timestamp, in name: String) -> Int {
        name == "UTC" ? 0 : zone(named: name)?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.seconds))) ?? 0
    }

    private static func zone(named name: String) -> TimeZone? {
        if let known = cache.withLock({ $0[name] }) { return known }
        guard isWellFormed(name), let zone = TimeZone(identifier: name) else { return nil }
        cache.withLock { zones in
            if zones.count >= Limits.cachedTimeZonesMax { zones.removeAll(keepingCapacity: true) }
            zones[name] = zone
        }
        return zone
    }

    /// Foundation looks a name up only as far as a NUL, and knows "SystemV/…", an old private set of ICU's.
    private static func isWellFormed(_ name: String) -> Bool {
        guard name.utf8.contains(UInt8(ascii: "/")) else { return plainNames.contains(name) }
        return !name.hasPrefix("SystemV/") && name.utf8.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
        default: false
        }
    }
}
