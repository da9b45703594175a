package import Engine
import Hummingbird

/// The parameters of a request's query, decoded once as forms are: `+` is a space, `%2B` a plus.
///
/// That is how browsers and every common HTTP library encode them; in a path a `+` is a plus.
package struct QueryParameters: Sendable {
    private let query: String

    package init(_ query: String?) {
        self.query = query ?? ""
    }

    /// - Throws: `.invalid` where the parameter is given more than once, with broken escapes or not in UTF-8.
    package func text(_ name: String) throws(EngineError) -> String? {
        var found: String?
        for pair in query.split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard Self.decode(pair[..<equals]) == name else { continue }
            guard found == nil else { throw .invalid("/\(name)", "is given more than once") }
            guard let value = Self.decode(pair[equals...].dropFirst()) else {
                throw .invalid("/\(name)", "holds a broken percent escape or is not UTF-8")
            }
            found = value
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

    /// `application/x-www-form-urlencoded` (WHATWG URL, 5.1), once.
    private static func decode(_ text: Substring) -> String? {
        let spaced = text.utf8.lazy.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentDecoding.decode(spaced).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
