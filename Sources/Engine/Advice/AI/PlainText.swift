/// Text without anything that a screen, a page or a model could take for more than words.
package enum PlainText {
    /// One line: control characters, bidirectional and other invisible marks taken out, full-width ASCII made plain, blanks in a row one.
    package static func neutralized(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        var isAfterBlank = true
        for scalar in text.unicodeScalars {
            if isBlank(scalar) {
                if !isAfterBlank { plain.append(" ") }
                isAfterBlank = true
            } else if !isInvisible(scalar) {
                plain.append(narrow(scalar))
                isAfterBlank = false
            }
        }
        if plain.last == " " { plain.removeLast() }
        return String(plain)
    }

    /// A text of an answer, as it may be shown.
    /// - Returns: nil for what is empty, or holds markup, a link or an address.
    package static func shown(_ text: String, charactersMax: Int) -> String? {
        var text = neutralized(text)
        text.unicodeScalars.removeAll { $0 == "*" || $0 == "`" || $0 == "\u{FFFD}" }
        text = neutralized(text)
        guard !text.isEmpty, !holdsMarkup(text), !holdsLink(text) else { return nil }
        return text.shortened(toCharacters: charactersMax)
    }

    private static func holdsMarkup(_ text: String) -> Bool {
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            // "< 5" is arithmetic, "<b" is a tag, "&#" and "&lt;" are its disguise, "](" is a link in Markdown.
            if previous == "<", scalar == "/" || scalar == "!" || scalar == "?" || scalar.properties.isAlphabetic { return true }
            if previous == "&", scalar == "#" { return true }
            if previous == "]", scalar == "(" || scalar == "[" || scalar == ":" { return true }
            if previous == "{", scalar == "{" || scalar == "%" { return true }
            previous = scalar
        }
        let lower = text.lowercased()
        return ["&lt;", "&gt;", "&quot;", "&amp;"].contains { lower.contains($0) }
    }

    private static func holdsLink(_ text: String) -> Bool {
        let lower = text.lowercased()
        if ["://", "www.", "javascript:", "data:", "mailto:", "tel:", "vbscript:"].contains(where: { lower.contains($0) }) { return true }
        return lower.split(separator: " ").contains { Redaction.isAddress($0) }
    }

    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .lineSeparator
            || scalar.properties.generalCategory == .paragraphSeparator
    }

    /// Control and format characters (bidirectional marks, zero-width characters, tags), and what has no character.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// U+FF01 to U+FF5E are the full-width forms of U+0021 to U+007E.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }
}
