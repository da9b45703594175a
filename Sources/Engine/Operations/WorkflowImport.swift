/// What an export says of how a user works: sequences of features, and uses by hour.
enum WorkflowImport {
    /// - Parameter values: `{"sequence":[…],"count"?,"lastSeenAt"?}` each, or the sequence alone.
    ///
    /// A sequence that an export calls common was seen at least twice. Features that no request could name are left out with the sequence,
    /// repeats in a row count once, and what is longer than a sequence of ours is taken apart into those that it is made of.
    static func sequences(_ values: [ExportedAttributes.Value], now: Timestamp) -> [WorkflowSequence] {
        var found: [WorkflowSequence] = []
        var known: Set<[[UInt8]]> = []
        for value in values where found.count < Limits.sequencesPerProfileMax {
            let members = value.map
            let features = members?.texts("sequence") ?? value.texts
            guard features.allSatisfy(isName) else { continue }
            let count = max(2, members?.count("count") ?? members?.count("frequency") ?? 2)
            let seen = members?.past("lastSeenAt", now) ?? members?.past("lastSeen", now) ?? now
            for walk in walks(features)
            where found.count < Limits.sequencesPerProfileMax && known.insert(walk.map { Array($0.utf8) }).inserted {
                found.append(WorkflowSequence(features: walk, occurrences: count, weight: Double(count), lastSeenAt: seen))
            }
        }
        return found
    }

    /// - Parameter map: counters by the hour's number, `9` or `09`; other members are left out.
    static func usesByHour(_ map: ExportedAttributes?) -> [UInt64] {
        var uses = [UInt64](repeating: 0, count: 24)
        for member in map?.members ?? [] where (1...2).contains(member.name.utf8.count) {
            guard let hour = Int(member.name), uses.indices.contains(hour), let count = member.value.count else { continue }
            uses[hour] = uses[hour].addingReportingOverflow(count).overflow ? .max : uses[hour] + count
        }
        return uses
    }

    private static func isName(_ feature: String) -> Bool {
        ProfileValidation.nameViolation(feature, charactersMax: Limits.featureNameCharactersMax, pointer: "") == nil
    }

    private static func walks(_ features: [String]) -> [[String]] {
        var walk: [String] = []
        for feature in features where walk.last.map({ !$0.hasSameBytes(as: feature) }) ?? true { walk.append(feature) }
        guard walk.count >= Limits.sequenceLengthMin else { return [] }
        let length = min(walk.count, Limits.sequenceLengthMax)
        return (0...(walk.count - length)).map { Array(walk[$0..<($0 + length)]) }
    }
}
