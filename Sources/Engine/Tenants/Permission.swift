import Tokens

/// What a call does, as far as who may do it is concerned (contract, "Who may call").
package enum Permission: Sendable, CaseIterable {
    case readPersonalization
    case writePersonalization
    /// Personalization of many users at once.
    case recordForUsers
    case readConsent
    case writeConsent
    case managePlaybook
    case manageTokens
    case introspectTokens
    case sendEvents
    /// What events have told of many users at once.
    case extractFeatures
    /// What events have told of a user.
    case readBehavior
    /// A user's events themselves.
    case readTimeline
    /// What is known over several users.
    case readInsights
    case manageCatalog
    case manageBehavioralProfiles
    case manageKeys
    case listUsers
    case readOverview
    case readPerson
    case rectifyUser
    case exportUser
    case eraseUser
    case restrictUser
    case readReceipts
    case readAudit
    case manageRegulations
    case manageRequests
    case holdUser
    case manageTenant
    case readExposure
    case readProcessing

    /// The scopes of which each lets a user token do it for its own user; none: no user token may.
    var tokenScopes: Set<TokenScope> {
        switch self {
        case .readPersonalization: [.personalizationRead]
        case .writePersonalization: [.personalizationWrite]
        case .readConsent: [.personalizationRead, .profileRead]
        // Consent comes from where events come from, and says what may be done with either.
        case .writeConsent: [.personalizationWrite, .eventsWrite]
        case .sendEvents: [.eventsWrite]
        case .readBehavior: [.personalizationRead, .profileRead]
        case .readTimeline, .readPerson: [.profileRead]
        case .exportUser: [.privacyExport]
        case .eraseUser, .restrictUser: [.privacyErase]
        case .readReceipts: [.privacyExport, .privacyErase]
        case .recordForUsers, .managePlaybook, .manageTokens, .introspectTokens, .readInsights, .manageCatalog, .manageBehavioralProfiles,
            .extractFeatures, .manageKeys, .listUsers, .readOverview, .readAudit, .manageRegulations, .manageRequests, .holdUser,
            .manageTenant, .rectifyUser, .readExposure, .readProcessing:
            []
        }
    }

    /// Whether a key of that kind may do it.
    func isGranted(to kind: APIKeyKind) -> Bool {
        switch (self, kind) {
        case (_, .secret): true
        case (.introspectTokens, .privacy): true
        case (.exportUser, .privacy), (.eraseUser, .privacy), (.restrictUser, .privacy), (.readReceipts, .privacy), (.readAudit, .privacy),
            (.manageRegulations, .privacy), (.manageRequests, .privacy), (.holdUser, .privacy), (.readPerson, .privacy),
            (.rectifyUser, .privacy), (.readExposure, .privacy), (.readProcessing, .privacy):
            true
        case (.writeConsent, .publishable), (.sendEvents, .publishable): true
        case (_, .publishable), (_, .privacy): false
        }
    }
}
