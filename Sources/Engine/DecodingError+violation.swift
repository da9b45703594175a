import FoundationEssentials

/// A type that JSON has no name of its own for; says what a member of it must be, such as "a string or an integer".
package protocol JSONDescribed {
    static var jsonDescription: String { get }
}

extension DecodingError {
    /// Where and what is wrong with a body, in static text.
    package var violation: EngineError.Violation {
        switch self {
        case .keyNotFound(let key, let context): Self.violation(context.codingPath + [key], "is missing")
        case .valueNotFound(_, let context): Self.violation(context.codingPath, "must not be null")
        case .typeMismatch(let type, let context): Self.violation(context.codingPath, "must be \(Self.name(of: type))")
        // Where the syntax is right these are numbers that no type of ours holds, words that are none of a list, unknown conditions.
        case .dataCorrupted(let context):
            Self.violation(context.codingPath, context.codingPath.isEmpty ? "is not valid JSON" : "is not accepted here")
        @unknown default: Self.violation([], "cannot be read")
        }
    }

    /// JSON Pointer (RFC 6901).
    private static func violation(_ path: [any CodingKey], _ detail: String) -> EngineError.Violation {
        let pointer = path.map { key in
            "/" + (key.intValue.map { String($0) } ?? key.stringValue.replacing("~", with: "~0").replacing("/", with: "~1"))
        }.joined()
        return EngineError.Violation(pointer: pointer, detail: detail)
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Double.Type: "a number"
        case is Int.Type, is Int64.Type: "an integer"
        case let type as any JSONDescribed.Type: type.jsonDescription
        case is any ExpressibleByArrayLiteral.Type: "an array"
        default: "an object"
        }
    }
}
