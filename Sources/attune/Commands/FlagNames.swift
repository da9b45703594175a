import Engine

/// What people have typed for an argument that the engine refuses: it knows the members of the API, they know the flags.
enum FlagNames {
    private static let names = [
        "/tenant": "the tenant's name", "/name": "the tenant's name", "/user": "--user", "/userId": "--user", "/ids": "an id",
        "/ttlSeconds": "--ttl", "/retentionDays": "--retention-days", "/ratingHalfLifeDays": "--rating-half-life-days",
        "/explicitScoreDays": "--explicit-score-days", "/exportVersion": "exportVersion in the file",
    ]
    private static let flags: Set = [
        "/kind", "/label", "/origin", "/overlap", "/publish-ahead", "/grant", "/scope", "/format", "/checkpoint", "/ledger", "/from", "/to",
        "/users",
    ]

    static func name(of pointer: String) -> String {
        names[pointer] ?? (flags.contains(pointer) ? "--\(pointer.dropFirst())" : String(pointer.dropFirst()))
    }
}

extension OperationFailure {
    /// The failure in the words of the command line.
    var text: String {
        guard !violations.isEmpty else { return description }
        let parts = violations.map { violation in
            let name = FlagNames.name(of: violation.pointer)
            return name.isEmpty ? violation.detail : "\(name) \(violation.detail)"
        }
        return parts.joined(separator: "; ")
    }
}
