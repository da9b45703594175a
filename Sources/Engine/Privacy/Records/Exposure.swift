/// What a credential could have read within a window, for a notification of a breach (GDPR, Art. 33). It follows from what is stored;
/// reads are not logged, so it says what was possible and not what was done.
package struct Exposure: Codable, Sendable {
    package struct Window: Codable, Sendable {
        package let from: String
        package let to: String
    }

    package struct Reach: Codable, Sendable {
        /// As `Reach.all` names it.
        package let data: String
        package let routes: [String]
    }

    package struct Persons: Codable, Sendable {
        /// Whom the credential could reach at most within the window.
        package let atMost: Int
        package let held: Int
        /// Since the window began.
        package let erasedSince: Int
    }

    /// The key's id or the token's `jti`.
    package let credential: String
    /// "secret", "publishable", "privacy" or "user token".
    package let kind: String
    package let asked: Window
    package let createdAt: String?
    package let lastUsedAt: String?
    package let expiresAt: String?
    package let revokedAt: String?
    /// When it was good within the window; nil: it was not, or that is not known.
    package let exposed: Window?
    package let reach: [Reach]
    package let persons: Persons
    package let notKnown: [String]
}

/// Which data permissions open, and by which routes.
struct DataReach: Sendable {
    let permission: Permission
    let data: String
    let routes: [String]

    static let all: [DataReach] = [
        .init(
            permission: .readPersonalization, data: "personalization profiles, dashboards and suggestions",
            routes: ["GET /api/personalization/users/{userId}", "GET …/dashboard", "GET …/frequent-features", "GET …/next-best-actions"]),
        .init(
            permission: .readPerson, data: "whole profiles: traits, personalization, behaviour, score, consent",
            routes: ["GET /api/profiles/{userId}"]),
        .init(permission: .readTimeline, data: "events", routes: ["GET /api/profiles/{userId}/timeline"]),
        .init(
            permission: .readBehavior, data: "behavioural preferences and ratings",
            routes: ["GET /api/behavioral-ml/user-profile/behavioral", "GET /api/behavioral-ml/features/implicit-rating"]),
        .init(
            permission: .extractFeatures, data: "behavioural features of many at once",
            routes: ["POST /api/behavioral-ml/features/extract-batch"]),
        .init(permission: .manageBehavioralProfiles, data: "behavioral profiles, with user ids", routes: ["GET /api/behavioral-profiles"]),
        .init(permission: .readConsent, data: "consent", routes: ["GET /api/consent/{userId}"]),
        .init(permission: .exportUser, data: "everything held of a user", routes: ["GET /api/privacy/users/{userId}/export"]),
        .init(permission: .manageTenant, data: "everything of the tenant", routes: ["POST /api/tenant/export"]),
        .init(
            permission: .listUsers, data: "user ids, by signing in to the operators' pages",
            routes: ["GET /profiles", "GET /profiles/{userId}"]),
        .init(permission: .readAudit, data: "the log, which names no person", routes: ["GET /api/privacy/audit"]),
        .init(permission: .readInsights, data: "sums over users", routes: ["GET /api/insights/navigation", "GET /api/insights/journeys"]),
    ]

    /// About no single person.
    var isOfPersons: Bool { permission != .readAudit && permission != .readInsights }
}
