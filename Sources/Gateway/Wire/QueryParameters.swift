package import Engine
import Hummingbird

/// The parameters of a request's query, decoded once as forms are: `+` is a space, `%2B` a plus.
///
/// That is how browsers and every common HTTP library encode them; in a path a `+` is a plus.
package struct QueryParameters: Sendable {
    private let pairs: [(name: String, value: String)]

    /// - Throws: `.invalid` for broken escapes and what is not UTF-8, `pointer` being `/` and the parameter's name.
    package init(_ query: String?) throws(EngineError) {
        pairs = try FormDecoding.pairs(query ?? "")
    }

    /// - Throws: `.invalid` where the parameter is given more than once.
    package func text(_ name: String) throws(EngineError) -> String? {
        var found: String?
        for pair in pairs where pair.name == name {
            guard found == nil else { throw .invalid("/\(name)", "is given more than once") }
            found = pair.value
        }
        return found
    }

    /// - Throws: `.invalid` for what is no integer within `range`.
    package func integer(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws(EngineError) -> Int {
        guard let text = try text(name) else { return standard }
        guard let number = Int(text), range.contains(number), !text.hasPrefix("+") else {
            throw .invalid("/\(name)", "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL, 5.1).
enum FormDecoding {
    static func pairs(_ text: String) throws(EngineError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let equals = pair.firstIndex(of: "=")
            let name = try decode(pair[..<(equals ?? pair.endIndex)], pointer: "")
            let value = equals.map { pair[pair.index(after: $0)...] } ?? ""
            pairs.append((name, try decode(value, pointer: "/\(name)")))
        }
        return pairs
    }

    private static func decode(_ text: Substring, pointer: String) throws(EngineError) -> String {
        let spaced = text.utf8.lazy.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        guard let bytes = PercentDecoding.decode(spaced), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .invalid(pointer, "holds a broken percent escape or is not UTF-8")
        }
        return decoded
    }
}
