import Engine

/// A time in a body: a text, or a number of seconds or milliseconds since 1970.
struct WireTime: Decodable, JSONDescribed {
    /// nil for what cannot be read.
    private let moment: Timestamp?

    static var jsonDescription: String { "a time, as text or as seconds or milliseconds since 1970" }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            moment = Timestamp(foreign: text)
        } else if let number = try? container.decode(Double.self) {
            moment = Timestamp(epoch: number)
        } else {
            throw DecodingError.typeMismatch(
                WireTime.self, DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "neither a string nor a number"))
        }
    }

    /// - Returns: nil for what is neither a text nor a number.
    init?(_ view: JSONView) {
        guard view.kind == .string || view.kind == .number else { return nil }
        moment = view.moment
    }

    /// - Throws: `.invalid` for what is no time.
    func checked(pointer: String) throws(EngineError) -> Timestamp {
        guard let moment else { throw .invalid(pointer, "must be a time as in ISO 8601, or seconds or milliseconds since 1970") }
        return moment
    }
}
