/// The names of a table's columns, and what a record says under each.
package struct CSVHeader: Sendable, Equatable {
    /// By column; empty where the header has no name.
    package let names: [String]
    /// Columns with no name, from 1, which are not read. Those at the end, as spreadsheets add them, are not counted.
    package let unnamed: [Int]

    /// - Parameter isSame: whether two names mean the same column.
    /// - Throws: where two columns have one name.
    package init(_ record: CSVRecord, isSame: (String, String) -> Bool = { $0 == $1 }) throws(FileError) {
        if let problem = record.problem { throw FileError("line \(record.line) \(problem)") }
        var names = record.values
        while names.last?.isEmpty ?? false { names.removeLast() }
        for (place, name) in names.enumerated() where !name.isEmpty {
            if names[..<place].contains(where: { isSame($0, name) }) { throw FileError("the header has the column \(name) twice") }
        }
        self.names = names
        unnamed = names.indices.filter { names[$0].isEmpty }.map { $0 + 1 }
    }

    /// The values by name, those that are empty left out.
    /// - Returns: why it is refused, where it has values beyond the header's columns, or is doubtful and not of exactly their number.
    package func row(_ record: CSVRecord) -> Result<[(name: String, value: String)], FileError> {
        if let problem = record.problem { return .failure(FileError(problem)) }
        var values = record.values
        if !record.isDoubtful { while values.count > names.count, values.last?.isEmpty ?? false { values.removeLast() } }
        guard values.count <= names.count, !record.isDoubtful || values.count == names.count else {
            return .failure(FileError("has \(values.count) values for \(names.count) columns"))
        }
        return .success(zip(names, values).filter { !$0.isEmpty && !$1.isEmpty }.map { (name: $0, value: $1) })
    }
}
