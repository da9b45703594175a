/// What an API key is for; its prefix shows it to whoever finds one.
package enum APIKeyKind: String, Sendable, Codable, CaseIterable {
    /// A tenant's servers.
    case secret
    /// Browsers: sends events and consent, reads nothing.
    case publishable
    /// Data-request tooling.
    case privacy

    package var prefix: String {
        switch self {
        case .secret: "att_sk_"
        case .publishable: "att_pk_"
        case .privacy: "att_dk_"
        }
    }
}
