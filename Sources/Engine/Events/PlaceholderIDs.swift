/// Ids that stand for nobody: what broken clients send in the place of an id. Whoever is joined by one gets the visits of strangers.
///
/// PostHog, Amplitude and Mixpanel refuse such ids too. The words below follow theirs as far as they were known when this was written, on
/// 2026-12-01; they were not compared with the published lists.
package enum PlaceholderIDs {
    /// What a program writes where it has no value: as a `userId` it is a fault of the client, and is refused.
    private static let artefacts: Set<String> = ["undefined", "null", "nan", "[object object]"]

    private static let words: Set<String> = [
        "none", "nil", "(null)", "(none)", "<null>", "<nil>", "(nil)", "n/a", "na", "#n/a", "\\n", "void", "empty", "blank", "(empty)",
        "missing", "unset", "not set", "(not set)", "not_set", "notset", "not_applicable", "not applicable", "not_available",
        "not available", "unavailable", "invalid", "unknown", "(unknown)", "unknown_user", "unidentified", "anonymous",
        "anonymous_user", "anonymoususer", "anonymous user", "(anonymous)", "guest", "guest_user",
        "guestuser", "guest user", "not_authenticated", "not authenticated", "unauthenticated",
        "not_logged_in", "not logged in", "logged_out", "logged out", "loggedout", "id", "userid", "user_id", "user id", "uid", "uuid",
        "guid", "distinctid", "distinct_id", "anonymousid", "anonymous_id", "anonymous id", "deviceid", "device_id", "visitorid",
        "visitor_id", "sessionid", "session_id", "clientid", "client_id", "true", "false", "-1", "-0",
        "0.0", "[]", "{}", "[object]", "[object null]", "[object undefined]", "object", "function", "infinity", "-infinity", "nan.0",
        "lmy47d", "''", "\"\"", "\"null\"", "'null'", "\"undefined\"", "'undefined'", "$user_id", "${userid}", "{{userid}}",
        "{{user_id}}", "{{user.id}}", "%user_id%", "xxx", "?", "-", "--", ".",
    ]

    /// Whether the id stands for nobody, in whatever letters and with whatever blanks around it.
    package static func standsForNobody(_ id: UserID) -> Bool { standsForNobody(id.text) }

    package static func standsForNobody(_ text: String) -> Bool {
        guard let plain = plain(text) else { return isBlank(text) }
        return plain.isEmpty || artefacts.contains(plain) || words.contains(plain) || isZeros(plain)
    }

    /// Whether it is the artefact of a program, or blank: nobody is called that.
    package static func isArtefact(_ text: String) -> Bool {
        guard let plain = plain(text, lengths: artefactLengths) else { return isBlank(text) }
        return plain.isEmpty || artefacts.contains(plain)
    }

    /// No word of the lists is longer, with some blanks around it, and no UUID of zeros.
    private static let bytesMax = 64
    private static let artefactLengths = artefacts.map(\.utf8.count)

    /// The text in small letters without blanks around it; nil where it is too long to be a word of the lists, or of none of the lengths.
    ///
    /// Every event asks for this: the usual id, which neither begins nor ends with a blank, is not taken apart.
    private static func plain(_ text: String, lengths: [Int]? = nil) -> String? {
        guard text.utf8.count <= bytesMax else { return nil }
        if let first = text.utf8.first, let last = text.utf8.last, isLetterOrSign(first), isLetterOrSign(last) {
            return lengths?.contains(text.utf8.count) ?? true ? text.lowercased() : nil
        }
        let kept = text.unicodeScalars.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        return String(String.UnicodeScalarView(kept)).lowercased()
    }

    /// Of ASCII, and no blank.
    private static func isLetterOrSign(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    private static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isBlank) }

    /// Spaces, and what takes no room: a zero-width space, a byte order mark.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
    }

    /// `0`, `000000`, and the zeros of a UUID, in braces or not.
    private static func isZeros(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "0")) && text.utf8.allSatisfy { "0-{}".utf8.contains($0) }
    }
}
