/// The JSON object in what a model has written.
///
/// Models behind OpenAI-compatible endpoints put their JSON into a code fence, behind reasoning in `<think>…</think>`, or between words.
/// What is inside is checked as strictly as an answer that is nothing but JSON.
enum WrittenObject {
    /// - Returns: nil where the text holds no object with members, or several.
    static func find(in text: String) -> JSONSlice? {
        let text = withoutReasoning(text).trimmedOfMark
        if let whole = JSONSlice(Array(text.utf8)) { return whole.isObject && whole.bytes.count > 2 ? whole : nil }
        let found = objects(in: Array(text.utf8))
        return found.count == 1 ? found[0] : nil
    }

    /// What an assistant's message holds: a text, or a list of parts of which those of type `text` count.
    static func text(of content: JSONSlice) -> String? {
        if let text = content.string { return text }
        guard let parts = content.elements, !parts.isEmpty else { return nil }
        let texts = parts.filter { ["text", "output_text"].contains($0["type"]?.string) }.map { $0["text"]?.string }
        return texts.contains(nil) ? nil : texts.compactMap(\.self).joined()
    }

    /// Everything up to the last end of reasoning; some servers leave out where it began.
    private static func withoutReasoning(_ text: String) -> Substring {
        let ends = ["</think>", "</thinking>", "</reasoning>"].compactMap { text.ranges(of: $0).last?.upperBound }
        return ends.max().map { text[$0...] } ?? text[...]
    }

    /// Objects with members that stand in no other one.
    private static func objects(in bytes: [UInt8]) -> [JSONSlice] {
        var found: [JSONSlice] = []
        var place = 0
        while let start = bytes[place...].firstIndex(of: UInt8(ascii: "{")) {
            var reader = JSONReader(bytes, at: start)
            guard let range = reader.value(depth: 0) else {
                place = start + 1
                continue
            }
            if range.count > 2, let object = JSONSlice(Array(bytes[range])) { found.append(object) }
            place = range.upperBound
        }
        return found
    }
}

extension Substring {
    /// Without a byte order mark.
    fileprivate var trimmedOfMark: Substring { unicodeScalars.first == "\u{FEFF}" ? Substring(unicodeScalars.dropFirst()) : self }
}
