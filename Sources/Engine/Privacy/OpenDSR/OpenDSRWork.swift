import Logging
import Store
import Synchronization

/// Does what OpenDSR requests ask for, when they are no longer pending: finds whom they name, and erases them, or notes where their data
/// lies. Every change of a status is committed with the callbacks that tell of it.
package final class OpenDSRWork: Sendable {
    struct Job: Sendable {
        let tenant: Tenant
        let subjectRequestID: String
        var at: Timestamp
        /// Whether it is no longer pending.
        var isStarted = false
        /// Whether a hold was lifted while it ran.
        var isWoken = false
        /// Whom a search has found; nil: there was none yet. Held requests ask the holds again, not all users.
        var found: [UserID]?
    }

    /// What became of a job for now.
    enum Outcome: Sendable {
        case ended
        case again(afterSeconds: Int64, found: [UserID]?)
    }

    private struct State {
        var jobs: [String: Job] = [:]
        /// Of a tenant, one round is under way at a time.
        var busy: Set<TenantNumber> = []
    }

    static let logger = Logger(label: "attune.opendsr")

    let erasures: Erasures
    let outbox: Outbox
    let publicURL: PublicURL
    let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(erasures: Erasures, outbox: Outbox, publicURL: PublicURL, clock: @escaping @Sendable () -> Timestamp) {
        (self.erasures, self.outbox, self.publicURL, self.clock) = (erasures, outbox, publicURL, clock)
    }

    private static func name(_ tenant: Tenant, _ id: String) -> String { "\(tenant.number.value)/\(id)" }

    /// Takes up a request; one that was taken up before stays as it is.
    func add(_ tenant: Tenant, _ record: OpenDSRRecord) {
        let job = Job(tenant: tenant, subjectRequestID: record.subjectRequestID, at: Timestamp(milliseconds: record.pendingUntil))
        tenant.heldIdentities.withLock { _ = $0.insert(record.requestName) }
        state.withLock { state in
            let name = Self.name(tenant, record.subjectRequestID)
            if state.jobs[name] == nil { state.jobs[name] = job }
        }
    }

    func drop(_ tenant: Tenant, _ id: String) {
        state.withLock { $0.jobs[Self.name(tenant, id)] = nil }
    }

    /// Takes up what a run before has left, and finishes forgetting by what people were named. What cannot be read keeps none of the
    /// others.
    func load(_ tenant: Tenant, _ open: [OpenRequest], now: Timestamp) async {
        for entry in open where !entry.record.subjectRequestID.isEmpty {
            do throws(EngineError) {
                let key = try tenant.table.openDSRKey(entry.record.subjectRequestID)
                guard let record = try await tenant.table.get(key, as: OpenDSRRecord.self, now: now)?.value else { continue }
                let request = try await tenant.table.request(DataRequestID(storedName: record.requestName), now: now)
                if request?.isOpen ?? false { add(tenant, record) } else { await forgetIdentities(of: record, tenant, now: now) }
            } catch {
                Self.logger.warning(
                    "a request could not be taken up", metadata: ["tenant": "\(tenant.name.text)", "error": "\(error.code)"])
            }
        }
    }

    /// How many requests are not done yet.
    package var waiting: Int { state.withLock { $0.jobs.count } }

    /// Tries again at once what a legal hold has kept from being done.
    func wake(_ tenant: Tenant) {
        let soon = clock()
        state.withLock { state in
            for (name, job) in state.jobs where job.tenant === tenant && job.isStarted {
                state.jobs[name]?.at = min(job.at, soon)
                state.jobs[name]?.isWoken = true
            }
        }
    }

    /// Works until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for round in take() {
                    group.addTask(executorPreference: OperationsExecutor.shared) { await self.perform(round) }
                }
                try? await Task.sleep(for: .milliseconds(Limits.backgroundIntervalMilliseconds))
            }
        }
    }

    /// Does once what is due.
    package func runOnce() async {
        for round in take() { await perform(round) }
    }

    /// What is due, the oldest first, by tenants: no tenant waits behind the many requests of another.
    private func take() -> [[Job]] {
        let now = clock()
        return state.withLock { state in
            let due = state.jobs.values.filter { $0.at <= now && !state.busy.contains($0.tenant.number) }.sorted { $0.at < $1.at }
            var (rounds, places): ([[Job]], [TenantNumber: Int]) = ([], [:])
            for job in due {
                if let place = places[job.tenant.number] {
                    if rounds[place].count < Limits.openDSRRequestsPerRoundMax { rounds[place].append(job) }
                } else if state.busy.count < Limits.openDSRRunsAtOnceMax {
                    places[job.tenant.number] = rounds.count
                    rounds.append([job])
                    state.busy.insert(job.tenant.number)
                }
            }
            for job in rounds.joined() {
                let name = Self.name(job.tenant, job.subjectRequestID)
                state.jobs[name]?.isStarted = true
                state.jobs[name]?.isWoken = false
            }
            return rounds
        }
    }

    /// One round of a tenant's: what is due is looked for together.
    private func perform(_ jobs: [Job]) async {
        guard let tenant = jobs.first?.tenant else { return }
        var begun: [OpenDSRStep] = []
        for job in jobs {
            do throws(EngineError) {
                if let step = try await begin(job) { begun.append(step) } else { settle(job, .ended) }
            } catch {
                settle(job, error)
            }
        }
        do throws(EngineError) {
            try await search(&begun, of: tenant)
            for step in begun {
                do throws(EngineError) {
                    settle(step.job, try await finish(step))
                } catch {
                    settle(step.job, error)
                }
            }
        } catch {
            for step in begun { settle(step.job, error) }
        }
        state.withLock { _ = $0.busy.remove(tenant.number) }
    }

    private func settle(_ job: Job, _ error: EngineError) {
        // A tenant that is gone has taken its requests along.
        guard erasures.vault.hasTenant(job.tenant.number) else { return settle(job, .ended) }
        Self.logger.warning(
            "a request could not be done yet", metadata: ["tenant": "\(job.tenant.name.text)", "error": "\(error.code)"])
        // What is damaged stays so until somebody mends it.
        let seconds = error.code == .damaged ? Limits.openDSRBlockedRetrySeconds : Limits.openDSRRetrySeconds
        settle(job, .again(afterSeconds: seconds, found: job.found))
    }

    private func settle(_ job: Job, _ outcome: Outcome) {
        let (now, name) = (clock(), Self.name(job.tenant, job.subjectRequestID))
        state.withLock { state in
            guard case .again(let seconds, let found) = outcome else { return state.jobs[name] = nil }
            guard var present = state.jobs[name] else { return }
            present.at = present.isWoken ? now : now.adding(seconds: seconds)
            present.found = found
            state.jobs[name] = present
        }
    }
}
