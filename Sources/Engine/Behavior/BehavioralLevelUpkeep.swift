import Logging
import Store
import Synchronization

/// Goes round all behavioral profiles, a bounded number at a time, and files those whose level has changed with time alone.
final class BehavioralLevelUpkeep: Sendable {
    private struct Place {
        var tenant: TenantNumber?
        var id: Int64 = 0
    }

    private let profiles = BehavioralProfiles()
    private let place = Mutex(Place())

    /// Looks at the next profiles, of the tenant where it stopped and of those behind.
    /// - Parameter scopes: of all tenants.
    func run(_ scopes: [Scope], logger: Logger) async {
        let start = place.withLock { $0 }
        let ordered = scopes.sorted { $0.tenant.number < $1.tenant.number }
        var rest = Limits.behavioralProfilesJudgedAtOnceMax
        for scope in ordered where start.tenant.map({ scope.tenant.number >= $0 }) ?? true {
            let after = scope.tenant.number == start.tenant ? start.id : 0
            place.withLock { $0 = Place(tenant: scope.tenant.number, id: after) }
            guard rest > 0, !Task.isCancelled else { return }
            do throws(EngineError) {
                let (judged, last) = try await profiles.judge(scope, after: after, limit: rest)
                rest -= judged
                if let last { return place.withLock { $0.id = last } }
            } catch {
                logger.warning("levels of behavioral profiles could not be judged anew", metadata: ["error": "\(error.code)"])
            }
        }
        place.withLock { $0 = Place() }
    }
}
