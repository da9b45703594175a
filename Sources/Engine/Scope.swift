/// In whose name, for which tenant and at which moment a call happens: the first argument of every call into the engine.
///
/// Made from a verified credential and from nothing else: its initializer does not leave the engine.
package struct Scope: Sendable {
    package let principal: Principal
    package let now: Timestamp
    let tenant: Tenant
    /// Set where the call is to happen once only, however often it is sent.
    var idempotency: IdempotencyTicket?

    init(principal: Principal, tenant: Tenant, now: Timestamp) {
        self.principal = principal
        self.tenant = tenant
        self.now = now
    }

    /// Checks that the caller may do something that is not about one user.
    package func authorize(_ permission: Permission) throws(EngineError) {
        guard principal.may(permission) else {
            throw EngineError(.forbidden, "This credential may not do that.")
        }
    }

    /// Checks that the caller may do something with the data of one user.
    ///
    /// The answer for another user's data is the same whether that user exists or not.
    package func authorize(_ permission: Permission, for reference: UserReference) throws(EngineError) -> AuthorizedUser {
        try authorize(permission)
        switch (reference, principal.kind) {
        case (.me, .user(let own, _)): return AuthorizedUser(id: own)
        case (.me, _): throw .invalid("/userId", "`me` needs a user token; a key names the user")
        case (.user(let id), .user(let own, _)):
            guard id == own else { throw EngineError(.forbidden, "This token is for another user.") }
            return AuthorizedUser(id: id)
        case (.user(let id), _): return AuthorizedUser(id: id)
        }
    }
}

/// How a request names a user.
package enum UserReference: Sendable, Equatable {
    /// The token's own user.
    case me
    case user(UserID)

    /// Reads a path segment, percent-decoding it exactly once.
    package init(pathSegment: some StringProtocol) throws(EngineError) {
        self = pathSegment == "me" ? .me : .user(try UserID(percentEncoded: pathSegment))
    }
}

/// A user whose data the caller may touch; only `Scope` makes one.
package struct AuthorizedUser: Sendable {
    package let id: UserID

    fileprivate init(id: UserID) {
        self.id = id
    }

    /// The person whom a session of their own is about.
    init(own id: UserID) {
        self.init(id: id)
    }
}
