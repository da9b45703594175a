import Files
import Foundation

/// Products of CSV as JSON objects: the first record names the columns, as `catalog import --help` lists them.
final class ProductTable: EntryReader {
    private static let required = ["id", "name", "category"]
    private static let known = required + ["price", "tags", "available"]

    private let records: CSVReader
    private let header: CSVHeader
    let preamble: [UInt8]

    /// - Throws: for a header without the columns that a product needs, or with one of them twice.
    init(_ text: TextSource) throws(FileError) {
        records = CSVReader(text)
        guard let first = try records.next() else { throw FileError("the file is empty") }
        header = try CSVHeader(first) { Self.column($0) == Self.column($1) }
        preamble = first.raw
        let columns = Set(header.names.map(Self.column))
        let missing = Self.required.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            throw FileError("the first line must name the columns id, name and category; it lacks \(missing.joined(separator: " and "))")
        }
    }

    var notices: [String] {
        header.unnamed.map { "column \($0) has no name and is not imported" }
    }

    func next() throws(FileError) -> ImportEntry? {
        guard let record = try records.next() else { return nil }
        let content = header.row(record).flatMap { Self.json($0) }
        return ImportEntry(line: record.line, raw: record.raw, content: content)
    }

    /// The columns of a product are known in any letters; those of its attributes as they are written.
    private static func column(_ name: String) -> String {
        let lower = name.lowercased()
        return known.contains(lower) ? lower : name
    }

    private static func json(_ row: [(name: String, value: String)]) -> Result<String, FileError> {
        var object: [String: Any] = [:]
        var attributes: [String: String] = [:]
        for (name, value) in row {
            let trimmed = value.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !trimmed.isEmpty else { continue }
            switch column(name) {
            case let text where required.contains(text): object[text] = trimmed
            case "price":
                guard let price = price(trimmed) else {
                    return .failure(FileError("price must be a plain number with a decimal point, such as 19.99"))
                }
                object["price"] = price
            case "tags":
                object["tags"] = trimmed.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            case "available":
                guard let isAvailable = YesOrNo.value(of: trimmed) else { return .failure(FileError("available must be yes or no")) }
                object["available"] = isAvailable
            default: attributes[name] = value
            }
        }
        if !attributes.isEmpty { object["attributes"] = attributes }
        guard let json = try? JSONSerialization.data(withJSONObject: object) else { return .failure(FileError("cannot be read")) }
        return .success(String(decoding: json, as: UTF8.self))
    }

    /// What RFC 8259 calls a number, and nothing that programs write for one that is missing or unbounded.
    private static func price(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let price = Double(text), price.isFinite else { return nil }
        return price
    }
}

/// The words that spreadsheets and databases write for yes and no: of Excel in its larger languages, of pandas, of PostgreSQL.
enum YesOrNo {
    private static let yes: Set = [
        "true", "t", "yes", "y", "1", "1.0", "on", "x", "wahr", "ja", "j", "vrai", "oui", "o", "verdadero", "sí", "si", "s", "vero", "sì",
        "verdadeiro", "sim", "waar",
    ]
    private static let no: Set = [
        "false", "f", "no", "n", "0", "0.0", "off", "falsch", "nein", "faux", "non", "falso", "não", "nao", "onwaar", "nee",
    ]

    /// - Returns: nil for any other word.
    static func value(of text: String) -> Bool? {
        let word = text.lowercased()
        return yes.contains(word) ? true : no.contains(word) ? false : nil
    }
}
