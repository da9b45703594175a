package import Tokens

/// Who is calling, as a verified credential says. It never changes and goes with every request, so it is shared and not copied.
package final class Principal: Sendable {
    package enum Kind: Sendable {
        case key(APIKeyKind)
        /// One user of the tenant, with what the token's `scope` allows.
        case user(UserID, scopes: Set<TokenScope>)
        /// An operator at the command line, who owns the data folder.
        case operatorConsole
    }

    package let tenant: TenantName
    package let kind: Kind
    /// The key's id or the token's `jti`: names the credential without giving it away.
    package let credentialID: String
    /// Whether a person came by the privacy center.
    let isInPrivacyCenter: Bool

    init(tenant: TenantName, kind: Kind, credentialID: String, isInPrivacyCenter: Bool = false) {
        self.tenant = tenant
        self.kind = kind
        self.credentialID = credentialID
        self.isInPrivacyCenter = isInPrivacyCenter
    }

    func may(_ permission: Permission) -> Bool {
        switch kind {
        case .key(let kind): permission.isGranted(to: kind)
        case .user(_, let scopes): !permission.tokenScopes.isDisjoint(with: scopes)
        case .operatorConsole: true
        }
    }
}
