import Synchronization

/// What one user allows at the moment: what was decided, and where nothing was, the tenant's own terms.
///
/// A writer that must not act without consent names `.consent(user)` in its own transaction and asks this of what it finds there:
///
///     let consent = ConsentState(try table.get(.consent(user), as: ConsentRecord.self), of: scope.tenant)
///     guard consent.allows(.analytics) else { … }
package struct ConsentState: Sendable, Equatable {
    private let granted: PurposeSet
    /// Whether the user's data is kept and not used (GDPR, Art. 18), whatever was decided.
    package let isRestricted: Bool
    /// Who or what the latest decision came from, as the caller named it; nil where nothing was decided.
    package let source: String?
    /// nil where nothing was decided.
    package let updatedAt: Timestamp?

    /// - Parameter record: nil where nothing is recorded of the user.
    init(_ record: ConsentRecord?, of tenant: Tenant) {
        self.init(record, defaults: tenant.consentDefaults)
    }

    init(_ record: ConsentRecord?, defaults: PurposeSet) {
        var allowed = defaults
        for decision in record?.decisions ?? [] {
            guard let purpose = Purpose(decision.purpose) else { continue }
            if decision.isGranted { allowed.insert(PurposeSet(purpose)) } else { allowed.remove(PurposeSet(purpose)) }
        }
        granted = allowed
        isRestricted = record?.isRestricted ?? false
        // A restriction alone is no decision.
        let decided = record.flatMap { $0.updatedAt > 0 ? $0 : nil }
        source = decided?.source
        updatedAt = decided.map { Timestamp(milliseconds: $0.updatedAt) }
    }

    package func allows(_ purpose: Purpose) -> Bool { !isRestricted && granted.contains(purpose) }

    /// What was decided, or holds where nothing was.
    package func isGranted(_ purpose: Purpose) -> Bool { granted.contains(purpose) }

    /// Whether a provider may be told of the user's profile: advice by AI is personalization, too.
    package var allowsAI: Bool { allows(.ai) && allows(.personalization) }
}

extension Tenant {
    /// What is allowed where nothing is recorded of a user: `analytics` and `personalization`, or with opt-in nothing; and in any case
    /// what the tenant's own terms cover.
    var consentDefaults: PurposeSet {
        state.withLock { state in
            let record = state.record.value
            let granted = record.grantedPurposes.compactMap(Purpose.init(rawValue:)).map { PurposeSet($0) }
            return granted.reduce(record.isConsentOptIn ? [] : [PurposeSet(.analytics), PurposeSet(.personalization)]) { $0.union($1) }
        }
    }
}

extension Purpose {
    /// - Returns: nil for a purpose that this program does not know.
    init?(_ record: PurposeRecord) {
        switch record {
        case .purposeAnalytics: self = .analytics
        case .purposePersonalization: self = .personalization
        case .purposeMarketing: self = .marketing
        case .purposeAi: self = .ai
        case .purposeUnknown, .UNRECOGNIZED: return nil
        }
    }

    var recorded: PurposeRecord {
        switch self {
        case .analytics: .purposeAnalytics
        case .personalization: .purposePersonalization
        case .marketing: .purposeMarketing
        case .ai: .purposeAi
        }
    }
}
