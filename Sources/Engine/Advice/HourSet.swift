/// Some of the 24 hours of a day, one bit each.
struct HourSet: Sendable, Equatable {
    private var bits: UInt32 = 0

    /// Both included; goes over midnight where `from` is the greater one. Hours outside 0 to 23 are taken for their remainder.
    init(from: Int, to: Int) {
        var hour = (from % 24 + 24) % 24
        let last = (to % 24 + 24) % 24
        bits |= 1 << UInt32(hour)
        while hour != last {
            hour = (hour + 1) % 24
            bits |= 1 << UInt32(hour)
        }
    }

    init(hour: Int) {
        self.init(from: hour, to: hour)
    }

    /// Reads "morning", "afternoon", "evening", "night", or an hour from 0 to 23; nil for anything else.
    init?(timeOfDay: String) {
        switch timeOfDay.lowercased() {
        case "morning": self.init(from: 5, to: 11)
        case "afternoon": self.init(from: 12, to: 16)
        case "evening": self.init(from: 17, to: 21)
        case "night": self.init(from: 22, to: 4)
        default:
            guard let hour = Int(timeOfDay), (0...23).contains(hour) else { return nil }
            self.init(hour: hour)
        }
    }

    func contains(_ hour: Int) -> Bool { bits & (1 << UInt32(hour)) != 0 }

    func overlaps(_ other: HourSet) -> Bool { bits & other.bits != 0 }
}
