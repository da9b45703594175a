import Tokens

/// What is to be put right about a person (GDPR, Art. 16), as a JSON merge patch (RFC 7396) of
/// `{"traits":{…},"timeZone","goals":{"shortTerm","longTerm"},"marketFocus","interests","behavioralScore"}`: what is not named stays,
/// and `null` takes away; the score of a behavioral profile is always one and cannot be taken away. Other members are ignored.
package struct PersonChange: Sendable {
    /// `null` takes a trait away; an object changes what it names of one that is an object.
    private(set) var traits: [Trait] = []
    /// Whether all traits that there are go.
    private(set) var removesTraits = false
    private(set) var timeZone: String?
    private(set) var shortTermGoals: [String]?
    private(set) var longTermGoals: [String]?
    private(set) var marketFocus: [String]?
    private(set) var interests: String?
    private(set) var behavioralScore: Double?

    var touchesPersonalization: Bool { timeZone != nil || shortTermGoals != nil || longTermGoals != nil || marketFocus != nil }
    var touchesBehavioralProfile: Bool { interests != nil || behavioralScore != nil }
    var touchesTraits: Bool { removesTraits || !traits.isEmpty }
    var isEmpty: Bool { !touchesTraits && !touchesPersonalization && !touchesBehavioralProfile }

    /// How many values of which kind of item it sets, for the receipt.
    var counts: [String: UInt64] {
        var counts: [String: UInt64] = [:]
        if touchesTraits { counts[EntityType.traits.rawValue] = UInt64(max(1, traits.count)) }
        let fields = [timeZone != nil, shortTermGoals != nil || longTermGoals != nil, marketFocus != nil]
        if touchesPersonalization { counts[EntityType.personalization.rawValue] = UInt64(fields.count { $0 }) }
        let scores = [interests != nil, behavioralScore != nil]
        if touchesBehavioralProfile { counts[EntityType.behavioralProfile.rawValue] = UInt64(scores.count { $0 }) }
        return counts
    }

    /// - Throws: `.invalid` with everything of a wrong type.
    package init(_ patch: JSONView) throws(EngineError) {
        guard patch.kind == .object else { throw .invalid("", "must be an object") }
        var reader = PatchReader()
        patch.forEachMember { name, value in
            switch name {
            case "traits": (traits, removesTraits) = (reader.traits(value), value.isNull)
            case "timeZone": timeZone = reader.text(value, "/timeZone", orNull: "UTC")
            case "goals":
                let goals = reader.goals(value)
                (shortTermGoals, longTermGoals) = goals
            case "marketFocus": marketFocus = reader.texts(value, "/marketFocus")
            case "interests": interests = reader.text(value, "/interests", orNull: "")
            case "behavioralScore": behavioralScore = reader.number(value, "/behavioralScore")
            default: break
            }
        }
        if !reader.violations.isEmpty { throw .invalid(reader.violations) }
        try check()
    }

    /// The traits as they are to be.
    func merged(into present: [TraitRecord]) -> [Trait] {
        if removesTraits { return present.map { Trait(name: $0.name, value: Array("null".utf8)) } }
        return traits.map { trait in
            let known = present.first { $0.name.hasSameBytes(as: trait.name) }.flatMap { JSONTape(Array($0.value)) }
            guard let patch = JSONTape(trait.value) else { return trait }
            return Trait(name: trait.name, value: MergePatch.apply(patch.root, to: known?.root))
        }
    }

    private func check() throws(EngineError) {
        if let timeZone { try ProfileValidation.timeZone(timeZone) }
        if let marketFocus { try ProfileValidation.marketFocus(marketFocus) }
        do throws(EngineError) {
            try ProfileValidation.goals(shortTerm: shortTermGoals ?? [], longTerm: longTermGoals ?? [])
        } catch {
            throw .invalid(error.violations.map { .init(pointer: "/goals" + $0.pointer, detail: $0.detail) })
        }
        var violations: [EngineError.Violation] = []
        if let interests, interests.utf8.count > Limits.interestsBytesMax {
            violations.append(.init(pointer: "/interests", detail: "must be at most 4096 bytes long"))
        }
        if let behavioralScore, !(0...100).contains(behavioralScore) {
            violations.append(.init(pointer: "/behavioralScore", detail: "must be from 0 to 100"))
        }
        if traits.count > Limits.eventTraitsMax { violations.append(.init(pointer: "/traits", detail: "must hold at most 100 traits")) }
        for trait in traits where !(1...Limits.traitNameBytesMax).contains(trait.name.utf8.count) {
            violations.append(.init(pointer: "/traits", detail: "must have names of 1 to 256 bytes"))
        }
        for trait in traits where trait.value.count > Limits.traitValueBytesMax {
            violations.append(.init(pointer: "/traits", detail: "must have values of at most 2048 bytes"))
        }
        if !violations.isEmpty { throw .invalid(violations) }
    }
}

/// Reads a patch's members and notes what is of a wrong type.
private struct PatchReader {
    private(set) var violations: [EngineError.Violation] = []

    private mutating func refuse(_ pointer: String, _ detail: String) {
        violations.append(.init(pointer: pointer, detail: detail))
    }

    mutating func text(_ value: JSONView, _ pointer: String, orNull empty: String) -> String? {
        if value.isNull { return empty }
        if value.string == nil { refuse(pointer, "must be a string") }
        return value.string
    }

    mutating func number(_ value: JSONView, _ pointer: String) -> Double? {
        if value.number == nil { refuse(pointer, "must be a number") }
        return value.number
    }

    mutating func texts(_ value: JSONView, _ pointer: String) -> [String]? {
        if value.isNull { return [] }
        guard value.kind == .array else {
            refuse(pointer, "must be an array")
            return nil
        }
        var texts: [String] = []
        for (place, element) in value.elements.enumerated() {
            if let text = element.string { texts.append(text) } else { refuse("\(pointer)/\(place)", "must be a string") }
        }
        return texts
    }

    mutating func goals(_ value: JSONView) -> ([String]?, [String]?) {
        if value.isNull { return ([], []) }
        guard value.object != nil else {
            refuse("/goals", "must be an object")
            return (nil, nil)
        }
        var goals: ([String]?, [String]?) = (nil, nil)
        value.forEachMember { name, list in
            if name == "shortTerm" { goals.0 = texts(list, "/goals/shortTerm") }
            if name == "longTerm" { goals.1 = texts(list, "/goals/longTerm") }
        }
        return goals
    }

    mutating func traits(_ value: JSONView) -> [Trait] {
        if value.isNull { return [] }
        guard value.object != nil else {
            refuse("/traits", "must be an object")
            return []
        }
        var traits: [Trait] = []
        value.forEachMember { name, value in
            traits.removeAll { $0.name.hasSameBytes(as: name) }
            traits.append(Trait(name: name, value: Array(value.raw)))
        }
        return traits
    }
}
