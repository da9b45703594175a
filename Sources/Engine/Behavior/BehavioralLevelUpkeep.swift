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
    /// Tenants all of whose profiles have been filed.
    private let filed = Mutex<Set<TenantNumber>>([])

    /// Looks at the next profiles, of the tenant where it stopped and of those behind.
    /// - Parameter scopes: of all tenants.
    func run(_ scopes: [Scope], logger: Logger) async {
        for scope in scopes where !filed.withLock({ $0.contains(scope.tenant.number) }) {
            await fileOlder(scope, logger: logger)
        }
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

    /// In a folder from before there was a look-up by level all profiles are filed first: until then lists by level show nobody.
    private func fileOlder(_ scope: Scope, logger: Logger) async {
        do throws(EngineError) {
            var after: Int64? = try await profiles.areUnfiled(scope) ? 0 : nil
            while let start = after {
                guard !Task.isCancelled else { return }
                after = try await profiles.judge(scope, after: start, limit: Limits.behavioralProfilesJudgedAtOnceMax).last
            }
            filed.withLock { _ = $0.insert(scope.tenant.number) }
        } catch {
            logger.warning("behavioral profiles could not be filed by level", metadata: ["error": "\(error.code)"])
        }
    }
}
