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
    /// Ids of batch items; beyond it the oldest are forgotten.
    package static let seenItemsPerProfileMax = 2000
    package static let personalizationItemsPerBatchMax = 500
    package static let sequenceLengthMin = 2
    package static let sequenceLengthMax = 4

    // Answers
    package static let priorityActionsMax = 5
    package static let priorityActionsMin = 3
    package static let suggestedContentMax = 5
    package static let marketInsightsMax = 5
    package static let nextBestActionsMax = 5
    package static let suggestionsMax = 5
    /// Within so many days of a use of a goal's tool the goal is not pressed.
    static let goalToolRecentDays = 3
    /// A feature is usually used at an hour only where it was so on at least so many different days.
    static let usualHourDaysMin = 3
    package static let frequentFeaturesMax = 100

    // Consent
    package static let consentSourceCharactersMax = 64
    package static let consentDetailCharactersMax = 128
    /// The oldest goes when there are more.
    package static let consentChangesPerUserMax = 1000
    package static let consentAttemptsMax = 8

    // Compaction
    package static let compactFreeShareMin = 0.25
    /// How often it is looked whether one is due, at least.
    package static let compactLookSecondsMax = 3600.0

    // Overview
    package static let storeHealthSeconds = 2

    // AI advice
    package static let aiDeadlineMillisecondsDefault = 2500
    package static let aiDeadlineMillisecondsMax = 60_000
    package static let aiCallsDefault = 16
    package static let aiCallsMax = 64
    package static let aiTokensPerTenantAndDayDefault = 2_000_000
    /// Of dashboards, and as many of suggestions: no user's clients may spend their tenant's day.
    package static let aiCallsPerUserAndDay = 24
    /// Users whose calls of the day are counted at the same time.
    package static let aiUsersCountedMax = 100_000
    /// What was answered with nothing usable twice is not asked again for twice as long as the first of these, and so on up to the second.
    package static let aiFailedSecondsMin: Int64 = 15
    package static let aiFailedSecondsMax: Int64 = 600
    package static let aiFailedQuestionsMax = 20_000
    /// An answer may come so long after the deadline and still serve the next request.
    package static let aiLateMillisecondsMax = 10_000
    package static let aiOutputTokensMax = 2000
    package static let aiTitleCharactersMax = 120
    package static let aiTextCharactersMax = 400
    /// Above it the schema names no playbook names one by one.
    package static let aiEnumerationMax = 100
    package static let aiGoalsPerHorizonMax = 10
    package static let aiGoalCharactersMax = 200
    package static let aiFocusAreasMax = 20
    /// Sections of a profile that has changed are still shown, while new ones are made, when they are no older.
    package static let aiStaleSecondsMax: Int64 = 86_400
    package static let aiAdviceSeconds: Int64 = 30 * 86_400
    package static let aiSuggestionsPerUserMax = 4
    /// For each of dashboards and suggestions, of one user.
    package static let aiExchangesMax = 25
    package static let aiExchangeSeconds: Int64 = 30 * 86_400
    package static let aiBudgetDaysKept: Int64 = 40
    package static let aiPlaybooksAtHandMax = 256
    package static let aiTenantBudgetsMax = 100_000

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

    // Operators' pages
    package static let sessionSeconds = 28_800
    package static let sessionCookieBytesMax = 256
    package static let personSessionSeconds = 900
    package static let personCookieBytesMax = 640
    package static let usersPerPageMax = 100
    /// Slots of the vault that a page of users looks at, and partitions that it opens.
    package static let userWalkSlotsMax = 65_536
    package static let userWalkPartitionsMax = 2000
    package static let sampledUsersMax = 500
    package static let countedFeaturesMax = 200

    // Tenants
    package static let upkeepIntervalSeconds = 30
    /// A new token key stands in the JWKS for so long before it signs: verifiers cache the set for 300 s.
    package static let tokenKeyPublishedAheadSeconds = 600
    package static let tokenKeyPublishedAheadSecondsMax = 604_800
    package static let originsPerKeyMax = 50
    /// Of those that are neither revoked nor ended.
    package static let keysPerTenantMax = 1000
    package static let verifiedTokensMax = 10_000
    package static let keyOverlapSecondsDefault = 86_400
    package static let keyOverlapSecondsMax = 31_536_000

    // Events
    package static let eventBytesMax = 32 * 1024
    package static let eventsPerBatchMax = 2500
    package static let messageIDBytesMax = 256
    package static let eventNameCharactersMax = 200
    package static let userAgentBytesMax = 1024
    package static let cachedUserAgentsMax = 4096
    package static let urlBytesMax = 2048
    package static let eventTextCharactersMax = 500
    package static let objectIDBytesMax = 256
    package static let categoryCharactersMax = 128
    package static let eventTraitsMax = 100
    package static let traitNameBytesMax = 256
    package static let traitValueBytesMax = 2048
    /// Of all traits of a user, and of the user's groups, together.
    package static let traitsRecordBytesMax = 65_536
    package static let groupsPerUserMax = 20
    package static let retentionDaysDefault = 400
    package static let retentionDaysMax = 3650
    /// Message ids are known again for at least so long.
    package static let messageMemorySeconds = 172_800
    package static let messagesInlineMax = 96
    package static let messageShards = 32
    /// Items that message ids are spread over at a time, and the ids in them, 8 bytes each.
    package static let shardsPerSpread = 8
    package static let messagesSpreadMax = 65_536
    /// A page of events takes another one while it is smaller; a larger record would lie on pages of its own in the store.
    package static let eventPageBytes = 1200
    /// Events of a page lie within so much time, so that readers need not look far for those in between.
    package static let eventPageSeconds: Int64 = 1800
    package static let eventsPerTransactionMax = 50
    package static let eventsPerJoinStep = 20
    package static let joinedVisitorsMax = 100
    /// Transactions that a request, the start and a round in the background spend on moving visitors' pasts.
    package static let joinStepsPerRequestMax = 200
    package static let joinStepsPerStartMax = 5000
    package static let joinStepsPerRoundMax = 2000
    package static let joinsAtOnceMax = 32
    package static let joinRoundMilliseconds = 200
    package static let joinHopsMax = 10
    /// After which a past that could not be moved for a moment is tried again.
    package static let joinPauseSeconds: Int64 = 5
    /// Of those at once that are joined to a user of whom no more may be, each finds room at the latest after all others have.
    package static let joinAttemptsMax = 64
    package static let notedJoinsMax = 1000

    // Behaviour
    package static let featureWindowDays = 30
    package static let recencyHalfLifeDays = 7.0
    package static let ratingHalfLifeDays = 30.0
    /// Days whose categories a user's preferences come from.
    package static let categoryWindowDays = 400
    /// Of stored events, the newest ones, that a rating is told from: some 15,000 events.
    package static let ratedEventBytesMax = 2 * 1024 * 1024
    package static let sessionsPerPersonMax = 20
    package static let distinctPerDayMax = 4096
    package static let categoriesPerDayMax = 256
    package static let sessionSilenceSeconds: Int64 = 1800
    package static let sessionSecondsMax: Int64 = 86_400
    package static let sessionPathPagesMax = 200
    package static let sessionProductsMax = 64
    package static let pageNameBytesMax = 256
    package static let usersPerExtractionMax = 1000
    package static let timelineEntriesMax = 200
    /// Of events, that one answer looks at.
    package static let timelinePagesMax = 10_000
    package static let explicitScoreDays = 30
    package static let interestsBytesMax = 4096
    package static let behavioralProfileIDMax: Int64 = 0xFFFF_FFFF_FFFF
    package static let behavioralProfilesSkippedMax = 100_000
    package static let behavioralProfilesJudgedAtOnceMax = 1000
    /// A reader files no more than these under their new levels.
    package static let behavioralProfilesFiledPerReadMax = 100

    // Navigation
    /// Sums of one day and kind lie in so many items; what finds its slot full is counted as one of the others.
    package static let navigationSlots: UInt64 = 4096
    package static let countsPerNavigationSlotMax = 4
    package static let journeyPagesMax = 4
    /// Each touches three items at most.
    package static let pagesPerVisitRemovalStep = 30
    package static let insightDaysMax = 90
    package static let insightEntriesMax = 100

    // Privacy
    package static let auditEntriesPerPageMax = 100
    /// Erasures since whose beginning requests may still be on their way.
    package static let rememberedErasuresMax = 20_000
    package static let receiptBytesMax = 64 * 1024
    package static let notedDownloadsMax = 20_000
    package static let regulationSubjectsMax = 5000
    package static let exportItemsPerPage = 200
    package static let auditEntriesPerRestoreStep = 20
    package static let erasuresAtOnceMax = 8
    package static let userImportBytesMax = 128 << 20
    /// About what 100 MB of an export have.
    package static let userImportValuesMax = 6_000_000
    package static let importedRecordBytesMax = 1 << 20
    package static let requestsPerPageMax = 1000
    package static let requestAgeDaysMax = 1100
    package static let extensionReasonCharactersMax = 500
    package static let regulationNameBytesMax = 32
    package static let holdReasonCharactersMax = 500
    package static let bulkErasureUsersMax = 5000

    // OpenDSR
    package static let openDSRIdentitiesMax = 100
    package static let openDSRIdentityBytesMax = 1024
    package static let openDSRCallbacksMax = 10
    package static let openDSRPendingSecondsMax = 30 * 86_400
    /// When a request is expected to be done, after it is no longer pending.
    package static let openDSRCompletionSeconds: Int64 = 86_400
    package static let openDSRResultSeconds: Int64 = 30 * 86_400
    /// After which what could not be done is tried again.
    package static let openDSRRetrySeconds: Int64 = 5
    package static let openDSRBlockedRetrySeconds: Int64 = 60
    package static let openDSRRunsAtOnceMax = 4
    package static let openDSRPartitionsPerStep = 200
    /// Requests of a tenant that are looked for together.
    package static let openDSRRequestsPerRoundMax = 100
    /// An address that more people have than that names nobody.
    package static let openDSRPeopleMax = 1000
    package static let processorCertificateSeconds: Int64 = 825 * 86_400
    package static let processorCertificateRenewalSeconds: Int64 = 60 * 86_400

    // Outbox
    package static let callbackURLBytesMax = 2048
    package static let deliveriesAtOnceMax = 16
    package static let deliveriesPerTenantAtOnceMax = 4
    package static let deliveryRetrySecondsMin = 1.0
    package static let deliveryRetrySecondsMax = 3600.0
    /// What is not delivered by then is given up.
    package static let deliverySecondsMax: Int64 = 3 * 86_400
    package static let backgroundIntervalMilliseconds = 100
    /// For how long the register keeps what has ended: the limitation period of most claims, three years, from the end of its year.
    package static let endedRequestSeconds: Int64 = 4 * 366 * 86_400

    // Catalogue
    package static let productNameCharactersMax = 500
    package static let productTagsMax = 100
    package static let productAttributesBytesMax = 16 * 1024
    package static let productsPerBatchMax = 1000
    package static let productsPerTenantMax = 500_000
    /// Of a tenant, whose categories are in memory.
    package static let productCategoriesAtHandMax = 20_000
}
