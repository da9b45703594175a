import Engine

/// Moments, playbooks and profiles that the tests of personalization share.
enum PersonalizationFixture {
    /// 2025-11-24T16:00:00Z
    static let now = Timestamp(seconds: 1_764_000_000)

    static func daysAgo(_ days: Double) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - Int64(days * 86_400_000))
    }

    /// Features a to e with titles A to E, two types of content, one general insight.
    static func playbook(rules: [PlaybookRule] = []) -> Playbook {
        Playbook(
            features: ["a", "b", "c", "d", "e"].map {
                Playbook.Feature(name: $0, title: $0.uppercased(), description: "Does \($0).", link: "/pages/\($0)")
            },
            contentTypes: ["post", "film"].map {
                Playbook.ContentType(name: $0, title: $0.uppercased(), description: "Is a \($0).")
            },
            insights: [Playbook.Insight(title: "General", description: "For everybody.", category: .tip)],
            rules: rules
        )
    }

    static func compiled(rules: [PlaybookRule] = []) throws -> CompiledPlaybook {
        try CompiledPlaybook(playbook(rules: rules))
    }

    static func walk(_ features: String, weight: Double, lastSeenAt: Timestamp = now) -> WorkflowSequence {
        WorkflowSequence(features: features.map { String($0) }, occurrences: UInt64(weight), weight: weight, lastSeenAt: lastSeenAt)
    }

    /// Uses the features one after the other, a minute apart, the last of them at `end`.
    static func use(_ features: String, endingAt end: Timestamp, in profile: inout PersonalizationProfile) {
        for (position, feature) in features.enumerated() {
            let at = end.adding(seconds: Int64(60 * (position - features.count + 1)))
            profile.recordFeature(String(feature), at: at, now: at)
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension PersonalizationProfile {
    /// Any profile that recording can lead to, with names inside and outside of the built-in playbook.
    static func random(using numbers: inout SeededNumbers) -> PersonalizationProfile {
        var profile = PersonalizationProfile()
        let now = PersonalizationFixture.now
        let names = Playbook.standard.features.map(\.name) + (0..<Int.random(in: 1...30, using: &numbers)).map { "own-\($0)" }
        let zones = ["UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York"]
        profile.setTimeZone(zones[Int.random(in: 0..<zones.count, using: &numbers)], at: now)
        for _ in 0..<Int.random(in: 0...300, using: &numbers) {
            let at = now.adding(seconds: -Int64.random(in: -300...(400 * 86_400), using: &numbers))
            profile.recordFeature(names[Int.random(in: 0..<names.count, using: &numbers)], at: at, now: now)
        }
        for step in 0..<Int.random(in: 0...200, using: &numbers) {
            let at = now.adding(seconds: Int64(step * Int.random(in: 1...400, using: &numbers)))
            profile.recordFeature(names[Int.random(in: 0..<names.count, using: &numbers)], at: at, now: at)
        }
        let contentTypes = Playbook.standard.contentTypes.map(\.name) + ["podcast", "flyer"]
        for _ in 0..<Int.random(in: 0...60, using: &numbers) {
            let name = contentTypes[Int.random(in: 0..<contentTypes.count, using: &numbers)]
            let at = now.adding(seconds: -Int64.random(in: 0...(90 * 86_400), using: &numbers))
            profile.recordContent(name, success: Bool.random(using: &numbers), at: at)
        }
        let goals = ["Win 5 listings", "More followers", "Brand known in town", "Call every lead", "Été à la mer", ""]
        profile.setGoals(
            shortTerm: goals.filter { _ in Bool.random(using: &numbers) }, longTerm: goals.filter { _ in Bool.random(using: &numbers) },
            at: now.adding(seconds: -Int64.random(in: 0...(60 * 86_400), using: &numbers)))
        for goal in goals where Bool.random(using: &numbers) {
            _ = profile.setProgress(of: goal, to: Double.random(in: 0...1, using: &numbers), at: now)
        }
        let areas = ["Luxury Homes", "downtown condos", "first time buyers", "farms", "!?"]
        profile.setMarketFocus(areas.filter { _ in Bool.random(using: &numbers) }, at: now)
        return profile
    }
}
