/// One user of the demonstration, with a profile that is recorded as calls would have recorded it, each at its moment.
struct DemonstrationUser: Sendable {
    let id: UserID
    private(set) var profile = PersonalizationProfile()
    /// Uses of features.
    private(set) var uses = 0

    private static let daysBack = 60
    private static let secondsPerDay: Int64 = 86_400

    private let persona: DemonstrationPersona
    private let now: Timestamp
    private var numbers: SeededNumbers

    init(number: Int, seed: UInt64, now: Timestamp) throws(EngineError) {
        let digits = String(number)
        id = try UserID("agent-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
        self.now = now
        numbers = SeededNumbers(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number))
        persona = Self.persona(Int.random(in: 0..<100, using: &numbers))
        try live()
    }

    private static func persona(_ drawn: Int) -> DemonstrationPersona {
        var rest = drawn
        return DemonstrationPersona.all.first { persona in
            rest -= persona.share
            return rest < 0
        } ?? DemonstrationPersona.all[0]
    }

    /// From the first day to today. A few came lately, a few have left.
    private mutating func live() throws(EngineError) {
        let zone = pick(DemonstrationPersona.timeZones)
        try ProfileValidation.timeZone(zone)
        let today = now.seconds.flooredQuotient(Self.secondsPerDay)
        let came = Int.random(in: 0..<100, using: &numbers) < 70 ? Self.daysBack : Int.random(in: 2...Self.daysBack, using: &numbers)
        let left = Int.random(in: 0..<100, using: &numbers) < 15 ? Int.random(in: 8...40, using: &numbers) : 0
        let eagerness = Double.random(in: 0.4...1.6, using: &numbers)
        let introductionDay = came - Int.random(in: 0...2, using: &numbers)
        for day in stride(from: came, through: min(left, came - 1), by: -1) {
            let start = Timestamp(seconds: (today - Int64(day)) * Self.secondsPerDay)
            if day == came { profile.setTimeZone(zone, at: min(start, now)) }
            if day == introductionDay { try introduce(at: start) }
            // 1970-01-01 was a Thursday: 0 is Saturday here, 1 Sunday.
            let isWeekend = (today - Int64(day) + 5) % 7 < 2
            guard Double.random(in: 0..<1, using: &numbers) < persona.visitRate * eagerness * (isWeekend ? 0.35 : 1) || day == came else {
                continue
            }
            try visit(on: start, zone: zone)
            if Int.random(in: 0..<3, using: &numbers) == 0 { try report(at: profile.workflow.lastSeenAt ?? start) }
        }
    }

    /// Goals and areas, as they are set in the first days.
    private mutating func introduce(at moment: Timestamp) throws(EngineError) {
        guard Int.random(in: 0..<100, using: &numbers) < 80 else { return }
        let short = some(persona.shortTermGoals)
        let long = some(persona.longTermGoals)
        try ProfileValidation.goals(shortTerm: short, longTerm: long)
        profile.setGoals(shortTerm: short, longTerm: long, at: min(moment, now))
        let areas = some(persona.areas)
        try ProfileValidation.marketFocus(areas)
        profile.setMarketFocus(areas, at: min(moment, now))
    }

    /// A walk through some features, minutes apart, at an hour at which such a user works.
    private mutating func visit(on day: Timestamp, zone: String) throws(EngineError) {
        var moment = day
        repeat {
            moment = day.adding(seconds: Int64.random(in: 0..<Self.secondsPerDay, using: &numbers))
        } while !works(at: TimeZones.localHour(of: moment, in: zone))
        if let last = profile.workflow.lastSeenAt { moment = max(moment, last.adding(seconds: Int64(Limits.visitSilenceSeconds) + 60)) }
        var feature: String? = pick(persona.start)
        for _ in 0..<Int.random(in: 2...7, using: &numbers) {
            guard let present = feature, moment <= now else { return }
            try ProfileValidation.featureName(present)
            try ProfileValidation.moment(moment, now: now)
            profile.recordFeature(present, at: moment, now: moment)
            uses += 1
            moment = moment.adding(seconds: Int64.random(in: 40...540, using: &numbers))
            // Now and then somebody wanders.
            let wanders = Int.random(in: 0..<12, using: &numbers) == 0
            feature = wanders ? pick(Playbook.standard.features).name : persona.next[present].map { pick($0) }
        }
    }

    /// A triangle around the peak, with a little at any hour of the day and nothing at night.
    private mutating func works(at hour: Int) -> Bool {
        let distance = min(abs(hour - persona.peakHour), 24 - abs(hour - persona.peakHour))
        let weight = (7...22).contains(hour) ? max(0.06, 1 - Double(distance) / 5) : 0.005
        return Double.random(in: 0..<1, using: &numbers) < weight
    }

    /// How a piece of content fared, and how far a goal has come.
    private mutating func report(at moment: Timestamp) throws(EngineError) {
        let moment = min(moment, now)
        let content = pick(persona.content)
        try ProfileValidation.contentType(content.type)
        profile.recordContent(content.type, success: Double.random(in: 0..<1, using: &numbers) < content.success, at: moment)
        guard let goal = profile.goalProgress.randomElement(using: &numbers), goal.progress < 1 else { return }
        let step = Double(Int.random(in: 1...6, using: &numbers)) * 0.05
        _ = profile.setProgress(of: goal.goal, to: min(1, ((goal.progress + step) * 20).rounded() / 20), at: moment)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &numbers)]
    }

    /// One or more of them, in their order.
    private mutating func some(_ elements: [String]) -> [String] {
        let sure = Int.random(in: 0..<elements.count, using: &numbers)
        var chosen: [String] = []
        for (index, element) in elements.enumerated() where index == sure || Bool.random(using: &numbers) { chosen.append(element) }
        return chosen
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed. Nothing secret is drawn from it.
struct SeededNumbers: RandomNumberGenerator, Sendable {
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
