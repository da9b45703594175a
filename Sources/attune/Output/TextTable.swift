/// Rows under a header, each column as wide as its widest value.
struct TextTable {
    private var rows: [[String]]

    init(_ header: String...) {
        rows = [header.map { $0.uppercased() }]
    }

    mutating func add(_ row: String...) {
        rows.append(row)
    }

    var text: String {
        var widths: [Int] = []
        for row in rows {
            for (column, value) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], value.count)
            }
        }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, value in
                column == row.count - 1 ? value : value + String(repeating: " ", count: widths[column] - value.count)
            }
            return cells.joined(separator: "  ")
        }
        return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
    }
}
