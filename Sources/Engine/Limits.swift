/// Every bound of the engine in one place, with its unit in its name.
package enum Limits {
    // Names
    package static let userIDBytesMax = 256
    package static let featureNameCharactersMax = 128
    package static let contentTypeCharactersMax = 128
    package static let keyLabelCharactersMax = 128
    package static let idempotencyKeyBytesMax = 256

    // Goals and focus
    package static let goalsPerHorizonMax = 50
    package static let goalCharactersMax = 500
    package static let marketFocusAreasMax = 50
    package static let marketFocusCharactersMax = 128

    // Time
    package static let eventAgeDaysMax = 400
    package static let eventAheadSecondsMax = 300
    package static let clockSkewSecondsMax = 60
    package static let tokenLifeSecondsDefault = 900
    package static let tokenLifeSecondsMax = 86_400
    package static let idempotencySeconds = 86_400
    package static let visitSilenceSeconds = 1800
    package static let workflowHalfLifeDays = 30.0
    package static let cachedTimeZonesMax = 128

    // What one profile holds at most; the least useful is dropped first
    package static let featuresPerProfileMax = 500
    package static let contentTypesPerProfileMax = 100
    package static let sequencesPerProfileMax = 200
    package static let sequenceLengthMin = 2
    package static let sequenceLengthMax = 4

    // Answers
    package static let priorityActionsMax = 5
    package static let priorityActionsMin = 3
    package static let suggestedContentMax = 5
    package static let marketInsightsMax = 5
    package static let nextBestActionsMax = 5
    package static let suggestionsMax = 5
    package static let frequentFeaturesMax = 100

    // Consent
    package static let consentSourceCharactersMax = 64
    package static let consentDetailCharactersMax = 128
    /// The oldest goes when there are more.
    package static let consentChangesPerUserMax = 1000

    // Playbook
    package static let playbookFeaturesMax = 200
    package static let playbookContentTypesMax = 100
    package static let playbookInsightsMax = 500
    package static let playbookRulesMax = 200
    package static let playbookTextCharactersMax = 500
    package static let playbookPhrasesMax = 200
    package static let playbookPhraseCharactersMax = 40
    package static let playbookFocusAreasMax = 1000
    package static let playbookViolationsMax = 100
    package static let quotedCharactersMax = 80

    // Tenants
    package static let upkeepIntervalSeconds = 30
    /// A new token key stands in the JWKS for so long before it signs: verifiers cache the set for 300 s.
    package static let tokenKeyPublishedAheadSeconds = 600
    package static let tokenKeyPublishedAheadSecondsMax = 604_800
    package static let originsPerKeyMax = 50
    package static let verifiedTokensMax = 10_000
    package static let keyOverlapSecondsDefault = 86_400
    package static let keyOverlapSecondsMax = 31_536_000
}
