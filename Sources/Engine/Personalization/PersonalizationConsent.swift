/// Whether anything may be learned about a user or concluded from what is known: the one place that decides for personalization.
enum PersonalizationConsent {
    /// The user does not allow the purpose `personalization`: nothing is stored.
    static let refusal = EngineError(.forbidden, "The user does not allow the purpose personalization: nothing is stored.")

    static func isGiven(_ record: ConsentRecord?, of tenant: Tenant) -> Bool {
        let consent = ConsentState(record, of: tenant)
        return !consent.isRestricted && consent.isGranted(.personalization)
    }

    /// - Parameter record: The user's consent record; nil where nothing is recorded.
    /// - Throws: `Restrictions.refusal` where processing is restricted, `refusal` where the purpose is not granted.
    static func require(_ record: ConsentRecord?, of tenant: Tenant) throws(EngineError) {
        let consent = ConsentState(record, of: tenant)
        if consent.isRestricted { throw Restrictions.refusal }
        guard consent.isGranted(.personalization) else { throw refusal }
    }
}

extension EngineError {
    /// Whether the user's missing consent to `personalization` is what stands in the way.
    package var isPersonalizationRefusal: Bool { self == PersonalizationConsent.refusal }
}
