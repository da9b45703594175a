/// What a personalization request may hold. Every check throws `EngineError` of code `.invalid`, pointing to what is wrong.
///
/// Characters are Unicode scalars, as in JSON Schema.
package enum ProfileValidation {
    package static func featureName(_ name: String, pointer: String = "/feature") throws(EngineError) {
        try refuse([nameViolation(name, charactersMax: Limits.featureNameCharactersMax, pointer: pointer)])
    }

    package static func contentType(_ name: String, pointer: String = "/contentType") throws(EngineError) {
        try refuse([nameViolation(name, charactersMax: Limits.contentTypeCharactersMax, pointer: pointer)])
    }

    package static func goals(shortTerm: [String], longTerm: [String]) throws(EngineError) {
        try refuse(goalViolations(shortTerm, pointer: "/shortTerm") + goalViolations(longTerm, pointer: "/longTerm"))
    }

    package static func marketFocus(_ areas: [String], pointer: String = "/marketFocus") throws(EngineError) {
        guard areas.count <= Limits.marketFocusAreasMax else { throw .invalid(pointer, "must hold at most 50 areas") }
        try refuse(
            areas.enumerated().map { index, area in
                nameViolation(area, charactersMax: Limits.marketFocusCharactersMax, pointer: "\(pointer)/\(index)")
            })
    }

    /// - Parameter progress: A share of 1; not a number is refused too.
    package static func progress(_ progress: Double, pointer: String = "/progress") throws(EngineError) {
        guard progress >= 0, progress <= 1 else { throw .invalid(pointer, "must be from 0 to 1") }
    }

    package static func timeZone(_ name: String, pointer: String = "/timeZone") throws(EngineError) {
        guard TimeZones.isKnown(name) else { throw .invalid(pointer, "must be an IANA time zone name, such as Europe/Paris") }
    }

    /// Checks that an event's moment lies from 400 days ago to 5 minutes ahead, both included.
    package static func moment(_ moment: Timestamp, now: Timestamp, pointer: String = "/at") throws(EngineError) {
        guard moment >= now.adding(seconds: -Int64(Limits.eventAgeDaysMax) * 86_400) else {
            throw .invalid(pointer, "must not be more than 400 days ago")
        }
        guard moment <= now.adding(seconds: Int64(Limits.eventAheadSecondsMax)) else {
            throw .invalid(pointer, "must not be more than 5 minutes ahead")
        }
    }

    /// Checks a name: 1 to `charactersMax` characters, none of them a control character.
    static func nameViolation(_ name: String, charactersMax: Int, pointer: String) -> EngineError.Violation? {
        if let violation = textViolation(name, charactersMax: charactersMax, pointer: pointer) { return violation }
        guard !ControlCharacters.areIn(name.utf8) else {
            return EngineError.Violation(pointer: pointer, detail: "must not hold control characters")
        }
        return nil
    }

    /// Checks a text: 1 to `charactersMax` characters.
    static func textViolation(_ text: String, charactersMax: Int, pointer: String) -> EngineError.Violation? {
        // At most four bytes are one scalar; this refuses a huge text without counting it.
        let isOver = text.utf8.count > charactersMax * 4 || text.unicodeScalars.count > charactersMax
        guard !text.isEmpty, !isOver else {
            return EngineError.Violation(pointer: pointer, detail: "must be 1 to \(charactersMax) characters long")
        }
        return nil
    }

    private static func goalViolations(_ goals: [String], pointer: String) -> [EngineError.Violation?] {
        guard goals.count <= Limits.goalsPerHorizonMax else {
            return [EngineError.Violation(pointer: pointer, detail: "must hold at most 50 goals")]
        }
        return goals.enumerated().map { index, goal in
            textViolation(goal, charactersMax: Limits.goalCharactersMax, pointer: "\(pointer)/\(index)")
        }
    }

    private static func refuse(_ violations: [EngineError.Violation?]) throws(EngineError) {
        let found = violations.compactMap(\.self)
        if !found.isEmpty { throw .invalid(found) }
    }
}
