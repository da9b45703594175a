/// At which hours of the user's day one feature was used, and on how many different days in each.
///
/// One flat list, as a profile may hold hundreds of features and most are used at few hours.
package struct FeatureHours: Sendable, Equatable {
    /// Four numbers for each hour with uses: the hour, the uses, the days, and the last of these days, counted from 1970 on.
    private(set) var numbers: [UInt32] = []

    package init() {}

    /// - Parameter numbers: As they are stored; a list that is not in this form counts as none.
    init(stored numbers: [UInt32]) {
        guard numbers.count % 4 == 0, numbers.count <= 24 * 4 else { return }
        var known: UInt32 = 0
        for place in stride(from: 0, to: numbers.count, by: 4) {
            guard numbers[place] < 24, known & 1 << numbers[place] == 0 else { return }
            known |= 1 << numbers[place]
        }
        self.numbers = numbers
    }

    /// Counts one use. Days count in their order: an hour of an earlier day that comes late adds a use, but no day, as that day may
    /// have been counted before.
    package mutating func count(hour: Int, day: Int) {
        let day = UInt32(clamping: day)
        guard let place = place(of: hour) else {
            return numbers += [UInt32(clamping: hour), 1, 1, day]
        }
        numbers[place + 1] &+= numbers[place + 1] == .max ? 0 : 1
        guard day > numbers[place + 3] else { return }
        numbers[place + 2] &+= 1
        numbers[place + 3] = day
    }

    package func uses(at hour: Int) -> Int { place(of: hour).map { Int(numbers[$0 + 1]) } ?? 0 }

    /// On how many different days the feature was used at this hour.
    package func days(at hour: Int) -> Int { place(of: hour).map { Int(numbers[$0 + 2]) } ?? 0 }

    package var uses: Int { stride(from: 0, to: numbers.count, by: 4).reduce(0) { $0 + Int(numbers[$1 + 1]) } }

    /// 24 counters from midnight.
    package var byHour: [UInt64] {
        var byHour = [UInt64](repeating: 0, count: 24)
        for place in stride(from: 0, to: numbers.count, by: 4) { byHour[Int(numbers[place])] = UInt64(numbers[place + 1]) }
        return byHour
    }

    private func place(of hour: Int) -> Int? {
        stride(from: 0, to: numbers.count, by: 4).first { numbers[$0] == UInt32(clamping: hour) }
    }
}
