extension Playbook {
    /// Checks all that a playbook must hold to.
    /// - Throws: `EngineError` of code `.invalid` with one violation for everything that is wrong.
    package func validate() throws(EngineError) {
        var check = PlaybookCheck()
        check.features(features)
        check.contentTypes(contentTypes)
        check.insights(insights)
        check.rules(rules, of: self)
        if !check.violations.isEmpty { throw .invalid(check.violations) }
    }
}

/// Collects what is wrong with a playbook.
struct PlaybookCheck {
    private(set) var violations: [EngineError.Violation] = []
    private var isFull: Bool { violations.count >= Limits.playbookViolationsMax }

    mutating func refuse(_ pointer: String, _ detail: String) {
        if !isFull { violations.append(EngineError.Violation(pointer: pointer, detail: detail)) }
    }

    mutating func features(_ features: [Playbook.Feature]) {
        guard count(features.count, 1...Limits.playbookFeaturesMax, "/features") else { return }
        distinctNames(features.map(\.name), "/features", member: "name")
        for (index, feature) in features.enumerated() {
            text(feature.title, "/features/\(index)/title")
            text(feature.description, "/features/\(index)/description")
            link(feature.link, "/features/\(index)/link")
        }
    }

    mutating func contentTypes(_ contentTypes: [Playbook.ContentType]) {
        guard count(contentTypes.count, 1...Limits.playbookContentTypesMax, "/contentTypes") else { return }
        distinctNames(contentTypes.map(\.name), "/contentTypes", member: "name")
        for (index, contentType) in contentTypes.enumerated() {
            text(contentType.title, "/contentTypes/\(index)/title")
            text(contentType.description, "/contentTypes/\(index)/description")
        }
    }

    mutating func insights(_ insights: [Playbook.Insight]) {
        guard count(insights.count, 1...Limits.playbookInsightsMax, "/insights") else { return }
        if !insights.contains(where: \.marketFocus.isEmpty) {
            refuse("/insights", "must hold at least one insight without a market focus")
        }
        var titles = NameIndex([])
        let areas = insights.reduce(0) { $0 + $1.marketFocus.count }
        if areas > Limits.playbookFocusAreasMax {
            refuse("/insights", "must name at most \(Limits.playbookFocusAreasMax) areas of focus together")
        }
        for (index, insight) in insights.enumerated() {
            if !titles.insert(insight.title, at: index) { refuse("/insights/\(index)/title", "is there already") }
            text(insight.title, "/insights/\(index)/title")
            text(insight.description, "/insights/\(index)/description")
            names(insight.marketFocus, charactersMax: Limits.marketFocusCharactersMax, "/insights/\(index)/marketFocus")
        }
    }

    /// Checks a list of names that may be empty.
    mutating func names(_ names: [String], charactersMax: Int, _ pointer: String) {
        guard count(names.count, 0...Limits.marketFocusAreasMax, pointer) else { return }
        for (index, name) in names.enumerated() {
            self.name(name, charactersMax: charactersMax, "\(pointer)/\(index)")
        }
    }

    mutating func distinctNames(_ names: [String], _ pointer: String, member: String) {
        var known = NameIndex([])
        for (index, name) in names.enumerated() {
            self.name(name, charactersMax: Limits.featureNameCharactersMax, "\(pointer)/\(index)/\(member)")
            if !known.insert(name, at: index) { refuse("\(pointer)/\(index)/\(member)", "is there already") }
        }
    }

    @discardableResult
    mutating func count(_ count: Int, _ range: ClosedRange<Int>, _ pointer: String) -> Bool {
        if !range.contains(count) { refuse(pointer, "must hold \(range.lowerBound) to \(range.upperBound) entries") }
        return range.contains(count)
    }

    mutating func text(_ text: String, _ pointer: String) {
        add(ProfileValidation.textViolation(text, charactersMax: Limits.playbookTextCharactersMax, pointer: pointer))
    }

    private mutating func name(_ name: String, charactersMax: Int, _ pointer: String) {
        add(ProfileValidation.nameViolation(name, charactersMax: charactersMax, pointer: pointer))
    }

    private mutating func link(_ link: String, _ pointer: String) {
        let isPath = link.hasPrefix("/") && !link.hasPrefix("//")
        if !isPath && !link.hasPrefix("https://") && !link.hasPrefix("http://") {
            refuse(pointer, "must be a path from / or an http(s) URL")
        }
        add(ProfileValidation.nameViolation(link, charactersMax: Limits.playbookTextCharactersMax, pointer: pointer))
    }

    private mutating func add(_ violation: EngineError.Violation?) {
        if let violation { refuse(violation.pointer, violation.detail) }
    }
}
