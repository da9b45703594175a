/// What of a user's data would go with a visitor who is separated from them.
package struct PreviewSplit: EngineOperation {
    package static let name = "user.preview-split"
    private let tenant: String
    private let user: String
    private let visitor: String

    package init(tenant: String, user: String, visitor: String) {
        (self.tenant, self.user, self.visitor) = (tenant, user, visitor)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> SplitAnswer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let (user, visitor) = (try UserID(user, pointer: "/user"), try UserID(visitor, pointer: "/visitor"))
        return SplitAnswer(try await VisitorSplits(scope: scope).plan(visitor, from: try await scope.resolved(user)))
    }
}

/// Separates a visitor from the user whom it was joined to.
package struct SplitUser: EngineOperation {
    package static let name = "user.split"
    private let tenant: String
    private let user: String
    private let visitor: String

    package init(tenant: String, user: String, visitor: String) {
        (self.tenant, self.user, self.visitor) = (tenant, user, visitor)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> SplitAnswer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let (user, visitor) = (try UserID(user, pointer: "/user"), try UserID(visitor, pointer: "/visitor"))
        return SplitAnswer(try await VisitorSplits(scope: scope).split(visitor, from: try await scope.resolved(user)))
    }
}

package struct SplitAnswer: Codable, Sendable {
    package let userId: String
    package let visitor: String
    /// Ids that were joined to the visitor, and go with it.
    package let otherIds: [String]
    /// How many events go with the visitor.
    package let events: UInt64

    init(_ plan: VisitorSplits.Plan) {
        (userId, visitor, otherIds, events) = (plan.user.text, plan.visitor.text, plan.others.map(\.text), plan.events)
    }
}
