import Mustache

/// Text in HTML (WHATWG HTML, 13.1.4): every `&`, `<`, `>`, `"` and `'` becomes a reference, wherever it stands.
///
/// Mustache's own escaping goes by grapheme clusters, and passes over a `<` that a prepended sign or a combining mark has joined.
struct EscapedHTML: MustacheContentType {
    private static let name = "ATTUNE"

    /// What a template begins with to be escaped so. A partial does not inherit it.
    static let pragma: String = {
        MustacheContentTypes.register(EscapedHTML(), named: name)
        return "{{% CONTENT_TYPE:\(name)}}"
    }()

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        escaped.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
