import Engine

/// Uses by hour of the day: 24 columns in an SVG of 500 by 186, whose geometry is attributes alone. The template has its table.
struct HourChart: Sendable {
    struct Column: Sendable {
        let x: Int
        let y: Int
        let height: Int
        let name: String
        let value: String
        let isPeak: Bool
    }

    struct Rule: Sendable {
        let y: Int
    }

    struct Tick: Sendable {
        let x: Int
        let text: String
    }

    private static let baseline = 164
    private static let columnPitch = 20
    private static let columnInset = 3

    let chartLabel: String
    let hourBars: [Column]
    let rules = [4, 44, 84, 124, baseline].map { Rule(y: $0) }
    let ticks = stride(from: 0, to: 24, by: 3).map { Tick(x: $0 * columnPitch + columnPitch / 2, text: "\(PageText.twoDigits($0)):00") }

    /// - Parameter uses: 24 counters from midnight.
    /// - Returns: nil where there is nothing to show.
    init?(_ uses: [UInt64], label: String) {
        guard let most = uses.max(), most > 0 else { return nil }
        chartLabel = label
        hourBars = uses.enumerated().map { hour, count in
            let height = count == 0 ? 0 : max(2, Int((Double(count) / Double(most) * 160).rounded()))
            return Column(
                x: hour * Self.columnPitch + Self.columnInset, y: Self.baseline - height, height: height,
                name: "\(PageText.twoDigits(hour)):00", value: PageText.number(count), isPeak: count == most)
        }
    }
}

/// Rows with a name, a bar and a number: a table that is its own chart.
struct BarChart: Sendable {
    struct Row: Sendable {
        let name: String
        let width: Int
        let value: String
        let barLink: String?
    }

    let chartLabel: String
    let nameHeading: String
    let valueHeading: String
    let barRows: [Row]

    /// - Returns: nil where there is nothing to show.
    init?(_ rows: [(name: String, count: UInt64, link: String?)], label: String, name: String, value: String) {
        guard let most = rows.map(\.count).max(), most > 0 else { return nil }
        chartLabel = label
        nameHeading = name
        valueHeading = value
        barRows = rows.map { row in
            let width = row.count == 0 ? 0 : max(1, Int((Double(row.count) / Double(most) * 100).rounded()))
            return Row(name: row.name, width: width, value: PageText.number(row.count), barLink: row.link)
        }
    }
}
