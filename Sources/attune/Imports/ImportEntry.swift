import Files

/// What an import takes at once: a line of JSON, an element of a JSON array, or a record of CSV as JSON.
struct ImportEntry {
    /// The line of the file that it begins in.
    let line: Int
    /// As it stands in the file, for the file of refused lines.
    let raw: [UInt8]
    /// Its JSON, or why it is refused.
    let content: Result<String, FileError>
}

/// Reads the entries of a file one after another.
protocol EntryReader: AnyObject {
    /// What the file of refused lines begins with, so that it can be imported like the file itself; empty: nothing.
    var preamble: [UInt8] { get }
    /// What to tell people about the file.
    var notices: [String] { get }
    /// - Returns: nil at the end.
    func next() throws(FileError) -> ImportEntry?
}

/// JSON lines, blank ones passed over.
final class JSONLines: EntryReader {
    private let lines: LineReader
    let preamble: [UInt8] = []
    let notices: [String] = []

    init(_ text: TextSource) {
        lines = LineReader(text)
    }

    func next() throws(FileError) -> ImportEntry? {
        while let line = try lines.next() {
            if let problem = line.problem {
                return ImportEntry(line: line.number, raw: line.bytes, content: .failure(FileError(problem)))
            }
            if !line.isBlank { return ImportEntry(line: line.number, raw: line.bytes, content: .success(line.text)) }
        }
        return nil
    }
}
