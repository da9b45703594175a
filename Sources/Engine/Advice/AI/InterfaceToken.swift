/// Names of pages and actions that a program sends with a request for suggestions: what of them may go to an AI provider.
///
/// They are a program's text and may hold anything: ids, addresses, names of people. So only tokens of letters, digits and hyphens
/// pass whose words are all ordinary: known to `Redaction` as no names, or usual in names of pages and actions. A number has at most
/// two digits, as longer ones are ids. In doubt a token is left out.
struct InterfaceToken {
    private static let charactersMax = 64

    /// - Returns: the words of a token with hyphens between; nil where it does not pass.
    static func ordinary(_ text: String, _ redaction: Redaction) -> String? {
        guard (1...charactersMax).contains(text.utf8.count), text.utf8.allSatisfy(isTokenByte) else { return nil }
        let token = text.lowercased().map { $0 == "_" ? "-" : $0 }
        let words = token.split(separator: "-").map { String($0) }
        guard words.contains(where: { $0.utf8.contains { $0 > UInt8(ascii: "9") } }), words.allSatisfy({ isOrdinary($0, redaction) }) else {
            return nil
        }
        let plain = words.joined(separator: " ")
        // What is said as a sentence goes the way of all words of a user, too: the user's own id may be made of ordinary words.
        guard redaction.redact(plain) == plain, redaction.redact(text.lowercased()) == text.lowercased() else { return nil }
        return words.joined(separator: "-")
    }

    /// A page by the ordinary parts of its path: "/listings/4711/edit" is "listings/edit". Host, query and fragment are left out.
    static func page(_ text: String, _ redaction: Redaction) -> String? {
        guard text.utf8.count <= bytesMax else { return nil }
        var path = text.prefix { $0 != "?" && $0 != "#" }
        if let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
        }
        let parts = path.split(separator: "/").prefix(partsMax).compactMap { ordinary(String($0), redaction) }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    private static let (partsMax, bytesMax) = (8, 2048)

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isOrdinary(_ word: String, _ redaction: Redaction) -> Bool {
        if word.utf8.allSatisfy({ $0 <= UInt8(ascii: "9") }) { return word.utf8.count <= 2 }
        guard !NameWords.given.contains(word) else { return false }
        return words.contains(word) || redaction.isKnown(word) || stems.contains(Stem.of(Array(word.utf8)))
    }

    private static let stems = Set(words.map { Stem.of(Array($0.utf8)) })

    /// Usual in names of pages and actions, and no names of people.
    private static let words: Set<String> = Set(
        """
        account action activity add admin all analytics app archive article assign attach audit back board book bookmark browse budget \
        button calendar cancel card cart category change chart chat checkout choose clear click client close comment compare complete \
        compose confirm connect contact content copy create customer customize dashboard delete detail dialog discard dismiss docs \
        document download draft duplicate edit email empty enable error event export favorite feature feed field file filter finish \
        folder form forum gallery goal group guide help hide history home image import inbox index insight install integration \
        interest invite invoice item landing launch lead learn library like link list listing load login logout main map market \
        marketing media member menu message mobile modal module move new news notification offer onboarding open option order \
        overview page panel password payment photo pin plan post preference preview pricing print product profile progress project \
        promote property publish purchase question read refresh register reject remove rename reorder reply report request reset \
        restore resume review save schedule screen scroll search section security select send session set settings setup share show \
        sign signup site skip social sort start statistics status step stop store submit subscribe subscription summary support sync \
        tab table tag task team template test theme tool tour track trash tutorial unsubscribe update upgrade upload use user \
        verify video view visit web welcome widget wizard work workflow workspace write in out up on off my to from the of and
        """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
