/// What a document may hold that is imported: what requests may hold that would have made it.
enum ImportValidation {
    static func consent(_ record: ConsentChangeRecord) throws(EngineError) {
        let texts = [
            (record.source, Limits.consentSourceCharactersMax, "source"),
            (record.wordingVersion, Limits.consentDetailCharactersMax, "wordingVersion"),
            (record.channel, Limits.consentDetailCharactersMax, "channel"),
        ]
        for (text, charactersMax, name) in texts where !text.isEmpty {
            let pointer = "/consentHistory/\(name)"
            if let violation = ProfileValidation.nameViolation(text, charactersMax: charactersMax, pointer: pointer) {
                throw .invalid([violation])
            }
        }
    }

    static func personalization(_ document: PersonalizationDocument) throws(EngineError) {
        let base = "/personalization"
        try ProfileValidation.timeZone(document.timeZone, pointer: "\(base)/timeZone")
        try ProfileValidation.goals(shortTerm: document.goals.shortTerm, longTerm: document.goals.longTerm)
        try ProfileValidation.marketFocus(document.marketFocus, pointer: "\(base)/marketFocus")
        let counts = [
            (document.featureUsage.count, Limits.featuresPerProfileMax, "featureUsage"),
            (document.sequences.count, Limits.sequencesPerProfileMax, "sequences"),
            (document.contentPreferences.count, Limits.contentTypesPerProfileMax, "contentPreferences"),
            (document.goalProgress.count, Limits.goalsPerHorizonMax * 2, "goalProgress"),
        ]
        for (count, max, name) in counts where count > max { throw .invalid("\(base)/\(name)", "must hold at most \(max) values") }
        for feature in document.featureUsage {
            try ProfileValidation.featureName(feature.feature, pointer: "\(base)/featureUsage/feature")
        }
        for feature in document.sequences.flatMap(\.sequence) + (document.recentFeatures ?? []) {
            try ProfileValidation.featureName(feature, pointer: "\(base)/sequences/sequence")
        }
        for sequence in document.sequences {
            guard (Limits.sequenceLengthMin...Limits.sequenceLengthMax).contains(sequence.sequence.count), sequence.weight.isFinite else {
                throw .invalid("\(base)/sequences", "must be of 2 to 4 features, with a weight")
            }
        }
        for content in document.contentPreferences {
            try ProfileValidation.contentType(content.contentType, pointer: "\(base)/contentPreferences/contentType")
        }
        for progress in document.goalProgress {
            try ProfileValidation.progress(progress.progress, pointer: "\(base)/goalProgress/progress")
            try ProfileValidation.goals(shortTerm: [progress.goal], longTerm: [])
        }
    }

    static func traits(_ record: TraitsRecord) throws(EngineError) {
        guard record.groups.count <= Limits.groupsPerUserMax else { throw .invalid("/traits/groups", "must hold at most 20 groups") }
        for group in record.groups where !(1...Limits.objectIDBytesMax).contains(group.groupID.utf8.count) {
            throw .invalid("/traits/groups/groupId", "must be 1 to 256 bytes long")
        }
        for traits in [record.traits] + record.groups.map(\.traits) {
            guard traits.count <= Limits.eventTraitsMax else { throw .invalid("/traits", "must hold at most 100 traits") }
            for trait in traits {
                guard (1...Limits.traitNameBytesMax).contains(trait.name.utf8.count) else {
                    throw .invalid("/traits", "must have names of 1 to 256 bytes")
                }
                guard trait.value.count <= Limits.traitValueBytesMax else {
                    throw .invalid("/traits", "must have values of at most 2048 bytes")
                }
            }
        }
        guard TraitsIntake.fits(record) else { throw .invalid("/traits", "are more than is kept of one user") }
    }

    static func behavioralProfile(_ record: BehavioralProfileRecord) throws(EngineError) {
        guard (0...100).contains(record.score) else { throw .invalid("/behavioralProfile/score", "must be from 0 to 100") }
        guard record.interests.utf8.count <= Limits.interestsBytesMax else {
            throw .invalid("/behavioralProfile/interests", "must be at most 4096 bytes long")
        }
        guard record.leadID.count <= Limits.objectIDBytesMax else {
            throw .invalid("/behavioralProfile/leadId", "must be at most 256 bytes long")
        }
    }

    static func event(_ event: Event) throws(EngineError) {
        // Exports do not show whom an alias or a group was about: that has its effect elsewhere.
        let unshown = ["/previousId", "/groupId"]
        var violations = EventValidation.violations(of: event).filter { !unshown.contains($0.pointer) }
        for (text, name) in [(event.url, "url"), (event.title, "title"), (event.referrer, "referrer")]
        where text.utf8.count > Limits.urlBytesMax {
            violations.append(.init(pointer: "/\(name)", detail: "must be at most 2048 bytes long"))
        }
        if event.properties.count > Limits.eventBytesMax {
            violations.append(.init(pointer: "/properties", detail: "must be at most 32 KB large"))
        }
        if !violations.isEmpty { throw .invalid(violations.map { .init(pointer: "/events\($0.pointer)", detail: $0.detail) }) }
    }
}
