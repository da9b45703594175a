/// A playbook that has been checked and made ready for use: names resolved, reasons and keywords taken apart.
///
/// Made once per change of a playbook; every dashboard reads it.
package struct CompiledPlaybook: Sendable {
    package let playbook: Playbook

    /// Rules by priority, those of the same priority as the playbook has them.
    let rules: [CompiledRule]
    let featureIndex: NameIndex
    let contentTypeIndex: NameIndex
    /// The reason for each content type that a user has never tried.
    let contentIntroductions: [String]
    /// Every area that an insight speaks about, with the insights that do.
    let focusAreas: [(phrase: Phrase, insights: [Int])]
    let generalInsights: [Int]
    /// Features that rules offer to users without goals.
    let goalFeatures: Set<Int>
    /// Features that rules offer to users without a market focus.
    let focusFeatures: Set<Int>
    /// The confidences that rules ask of a next step.
    let confidenceThresholds: [Double]
    private let linkIndex: NameIndex

    /// The playbook of a tenant that has set none and is not told otherwise.
    package static let standard = builtIn(.standard)
    package static let general = builtIn(.general)

    private static func builtIn(_ playbook: Playbook) -> CompiledPlaybook {
        do throws(EngineError) {
            return try CompiledPlaybook(playbook)
        } catch {
            preconditionFailure("the built-in playbook is not valid")
        }
    }

    /// - Throws: what `Playbook.validate()` throws.
    package init(_ playbook: Playbook) throws(EngineError) {
        try playbook.validate()
        self.playbook = playbook
        let featureIndex = NameIndex(playbook.features.map(\.name))
        self.featureIndex = featureIndex
        contentTypeIndex = NameIndex(playbook.contentTypes.map(\.name))
        contentIntroductions = playbook.contentTypes.map { "You haven't tried the format “\($0.title)” yet. \($0.description)" }
        linkIndex = NameIndex(playbook.features.map(\.link))
        let compiled = playbook.rules.compactMap { CompiledRule($0, features: featureIndex) }
        rules = Priority.allCases.sorted().flatMap { priority in compiled.filter { $0.priority == priority } }
        goalFeatures = Set(playbook.rules.filter { $0.when.hasGoals == false }.compactMap { $0.action.flatMap { featureIndex[$0] } })
        focusFeatures = Set(playbook.rules.filter { $0.when.hasMarketFocus == false }.compactMap { $0.action.flatMap { featureIndex[$0] } })
        confidenceThresholds = playbook.rules.compactMap { $0.when.nextStep?.confidenceAtLeast }
        generalInsights = playbook.insights.indices.filter { playbook.insights[$0].marketFocus.isEmpty }
        focusAreas = Self.focusAreas(of: playbook.insights)
    }

    /// The feature that a page belongs to: by its name, its link, or the last part of its path.
    func feature(atPage page: String) -> Int? {
        if let index = featureIndex[page] ?? linkIndex[page] { return index }
        let path = page.prefix { $0 != "?" && $0 != "#" }
        if let index = linkIndex[String(path)] { return index }
        return path.split(separator: "/").last.flatMap { featureIndex[String($0)] }
    }

    private static func focusAreas(of insights: [Playbook.Insight]) -> [(phrase: Phrase, insights: [Int])] {
        var areas: [(phrase: Phrase, insights: [Int])] = []
        for (index, insight) in insights.enumerated() {
            for phrase in insight.marketFocus.map({ Phrase($0) }) {
                if let known = areas.firstIndex(where: { $0.phrase == phrase }) {
                    areas[known].insights.append(index)
                } else {
                    areas.append((phrase, [index]))
                }
            }
        }
        return areas
    }
}
