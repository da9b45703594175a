import Tokens

/// What a call does, as far as who may do it is concerned (contract, "Who may call").
package enum Permission: Sendable, CaseIterable {
    case readPersonalization
    case writePersonalization
    case managePlaybook
    case manageTokens
    case introspectTokens
    case manageKeys
    case listUsers
    case readOverview

    /// The scope that lets a user token do it for its own user; nil: no user token may.
    var tokenScope: TokenScope? {
        switch self {
        case .readPersonalization: .personalizationRead
        case .writePersonalization: .personalizationWrite
        case .managePlaybook, .manageTokens, .introspectTokens, .manageKeys, .listUsers, .readOverview: nil
        }
    }

    /// Whether a key of that kind may do it.
    func isGranted(to kind: APIKeyKind) -> Bool {
        switch (self, kind) {
        case (_, .secret): true
        case (.introspectTokens, .privacy): true
        case (_, .publishable), (_, .privacy): false
        }
    }
}
