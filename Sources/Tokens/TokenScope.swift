/// What a user token may do.
package enum TokenScope: String, Sendable, CaseIterable, Codable {
    case personalizationRead = "personalization:read"
    case personalizationWrite = "personalization:write"
    case eventsWrite = "events:write"
    case profileRead = "profile:read"
    case privacyExport = "privacy:export"
    case privacyErase = "privacy:erase"

    /// What a token gets when none is asked for.
    package static let defaults: [TokenScope] = [.personalizationRead, .personalizationWrite, .eventsWrite]

    /// Reads a list separated by single spaces, as OAuth 2.0 writes it (RFC 6749, section 3.3); repeats count once.
    ///
    /// `unknown` holds the parts that are no scope, also the empty ones between two spaces.
    package static func parse(_ list: String) -> (scopes: [TokenScope], unknown: [String]) {
        guard !list.isEmpty else { return ([], []) }
        var scopes: [TokenScope] = []
        var unknown: [String] = []
        for part in list.split(separator: " ", omittingEmptySubsequences: false) {
            if let scope = TokenScope(rawValue: String(part)) {
                if !scopes.contains(scope) { scopes.append(scope) }
            } else {
                unknown.append(String(part))
            }
        }
        return (scopes, unknown)
    }

    package static func list(_ scopes: [TokenScope]) -> String {
        scopes.map(\.rawValue).joined(separator: " ")
    }
}
