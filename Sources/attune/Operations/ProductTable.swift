import Engine
import Foundation

/// Reads products from CSV (RFC 4180; a quoted value may not hold a line break), the first line being the names of the columns.
struct ProductTable {
    private var columns: [String]?

    /// The lines as JSON objects.
    mutating func objects(_ lines: [String]) throws -> [String] {
        var objects: [String] = []
        for line in lines where !line.isEmpty {
            let values = Self.values(of: line)
            guard let columns else {
                columns = values.map { $0.trimmingCharacters(in: .whitespaces) }
                guard Set(["id", "name", "category"]).isSubset(of: columns ?? []) else {
                    throw OperationFailure(EngineError(.invalid, "The first line must name the columns, id, name and category among them."))
                }
                continue
            }
            let object = Self.object(Dictionary(zip(columns, values)) { first, _ in first })
            objects.append(String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self))
        }
        return objects
    }

    private static func object(_ row: [String: String]) -> [String: Any] {
        var object: [String: Any] = [:]
        var attributes: [String: String] = [:]
        for (column, value) in row where !value.isEmpty {
            switch column {
            case "id", "name", "category": object[column] = value
            // What is no number is refused with the product, not left out.
            case "price": object[column] = Double(value) ?? value
            case "tags": object[column] = value.split(separator: "|").map(String.init)
            case "available": object[column] = ["true", "1", "yes"].contains(value.lowercased())
            default: attributes[column] = value
            }
        }
        if !attributes.isEmpty { object["attributes"] = attributes }
        return object
    }

    private static func values(of line: String) -> [String] {
        var values: [String] = []
        var value = ""
        var isQuoted = false
        var characters = line.makeIterator()
        var next = characters.next()
        while let character = next {
            next = characters.next()
            switch character {
            case "\"" where isQuoted && next == "\"":
                value.append("\"")
                next = characters.next()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                values.append(value)
                value = ""
            default: value.append(character)
            }
        }
        return values + [value]
    }
}
