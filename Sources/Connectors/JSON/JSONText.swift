import FoundationEssentials

/// Request bodies are put together from text, because the schema in them is text already.
enum JSONText {
    /// A JSON string with its quotation marks.
    static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A string has no way to fail; were there one, the service would refuse the request.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
