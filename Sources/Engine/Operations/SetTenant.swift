/// Lays down how long a tenant's events are kept and how they count. What is nil stays as it is.
package struct SetTenant: EngineOperation {
    package static let name = "tenant.set"
    private let tenant: String
    private let retentionDays: Int?
    private let ratingHalfLifeDays: Double?
    private let explicitScoreDays: Int?

    /// - Parameters:
    ///   - retentionDays: how long events are kept, 1 to 3,650; holds for events taken from now on.
    ///   - ratingHalfLifeDays: after how long an interaction counts half in implicit ratings, 0.1 to 3,650.
    ///   - explicitScoreDays: how long a behavioral score that was sent overrides the automatic one, 1 to 3,650.
    package init(tenant: String, retentionDays: Int? = nil, ratingHalfLifeDays: Double? = nil, explicitScoreDays: Int? = nil) {
        self.tenant = tenant
        self.retentionDays = retentionDays
        self.ratingHalfLifeDays = ratingHalfLifeDays
        self.explicitScoreDays = explicitScoreDays
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> TenantDocument {
        try check()
        let tenant = try engine.tenant(named: tenant)
        let settings = [
            retentionDays.map { "retentionDays \($0)" }, ratingHalfLifeDays.map { "ratingHalfLifeDays \($0)" },
            explicitScoreDays.map { "explicitScoreDays \($0)" },
        ]
        let object = settings.compactMap(\.self).joined(separator: ", ")
        try await tenant.note("tenant-set", object: object, by: Principal.consoleActor, now: engine.clock())
        try await engine.directory.change(tenant, now: engine.clock()) { record in
            if let retentionDays { record.retentionDays = UInt32(retentionDays) }
            if let ratingHalfLifeDays { record.ratingHalfLifeDays = ratingHalfLifeDays }
            if let explicitScoreDays { record.explicitScoreDays = UInt32(explicitScoreDays) }
        }
        return engine.document(tenant)
    }

    private func check() throws(EngineError) {
        let days = 1...Limits.retentionDaysMax
        if let retentionDays, !days.contains(retentionDays) { throw .invalid("/retentionDays", "must be 1 to 3650") }
        if let explicitScoreDays, !days.contains(explicitScoreDays) { throw .invalid("/explicitScoreDays", "must be 1 to 3650") }
        if let ratingHalfLifeDays, !(0.1...Double(Limits.retentionDaysMax)).contains(ratingHalfLifeDays) {
            throw .invalid("/ratingHalfLifeDays", "must be 0.1 to 3650")
        }
        guard retentionDays != nil || ratingHalfLifeDays != nil || explicitScoreDays != nil else {
            throw .invalid("", "must name something to set")
        }
    }
}
