import Store

/// What a tenant's users allow, from a bounded number of them.
package struct ConsentSample: Sendable {
    /// Users that were read, at most `Limits.sampledUsersMax`.
    package fileprivate(set) var users = 0
    /// Those of them who allow a purpose, by their own decision or by what holds without one.
    package fileprivate(set) var granted: [Purpose: Int] = [:]
    /// Those of them who have decided about a purpose themselves.
    package fileprivate(set) var decided: [Purpose: Int] = [:]
    package fileprivate(set) var restricted = 0
}

extension UserList {
    /// Reads what a sample of the tenant's users allow, the same users as the overview's.
    package func consentSample(_ scope: Scope) async throws(EngineError) -> ConsentSample {
        try scope.authorize(.readOverview)
        var sample = ConsentSample()
        for id in try sampledUsers(scope) {
            // One damaged record hides no other.
            guard (try? await scope.resolved(id)) == id,
                let items = try? await scope.tenant.table.items([.consent(id)], now: scope.now)
            else { continue }
            sample.add(try? items[0]?.record(as: ConsentRecord.self), of: scope.tenant)
        }
        return sample
    }
}

extension ConsentSample {
    fileprivate mutating func add(_ record: ConsentRecord?, of tenant: Tenant) {
        users += 1
        let state = ConsentState(record, of: tenant)
        if state.isRestricted { restricted += 1 }
        for purpose in Purpose.allCases where state.isGranted(purpose) { granted[purpose, default: 0] += 1 }
        for decision in record?.decisions ?? [] {
            if let purpose = Purpose(decision.purpose) { decided[purpose, default: 0] += 1 }
        }
    }
}
