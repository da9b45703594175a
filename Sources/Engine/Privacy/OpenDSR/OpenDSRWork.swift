import AttuneCrypto
import Logging
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Does what OpenDSR requests ask for, when they are no longer pending: finds whom they name, and erases them, or notes where their data
/// lies. Every change of a status is committed with the callbacks that tell of it.
package final class OpenDSRWork: Sendable {
    private struct Job: Sendable {
        let tenant: Tenant
        let subjectRequestID: String
        var at: Timestamp
        var isRunning = false
        /// Whether it is no longer pending.
        var isStarted = false
    }

    static let logger = Logger(label: "attune.opendsr")

    let erasures: Erasures
    private let outbox: Outbox
    private let publicURL: PublicURL
    private let clock: @Sendable () -> Timestamp
    private let tasks = Mutex<[String: Job]>([:])

    init(erasures: Erasures, outbox: Outbox, publicURL: PublicURL, clock: @escaping @Sendable () -> Timestamp) {
        (self.erasures, self.outbox, self.publicURL, self.clock) = (erasures, outbox, publicURL, clock)
    }

    // MARK: What waits

    private static func name(_ tenant: Tenant, _ id: String) -> String { "\(tenant.number.value)/\(id)" }

    func add(_ tenant: Tenant, _ record: OpenDSRRecord) {
        let task = Job(
            tenant: tenant, subjectRequestID: record.subjectRequestID, at: Timestamp(milliseconds: record.pendingUntil))
        tenant.heldIdentities.withLock { _ = $0.insert(record.requestName) }
        tasks.withLock { $0[Self.name(tenant, record.subjectRequestID)] = task }
    }

    /// Takes up what a run before has left, and finishes forgetting by what people were named.
    func load(_ tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let records = try await tenant.table.all(
            in: Keyspace.partition(.requests), prefix: Keyspace.openDSRPrefix, as: OpenDSRRecord.self, now: now)
        for record in records.map(\.value) where record.holdsIdentities {
            let request = try await tenant.table.request(DataRequestID(storedName: record.requestName), now: now)
            if request?.isOpen ?? false { add(tenant, record) } else { await forgetIdentities(of: record, tenant, now: now) }
        }
    }

    /// How many requests are not done yet.
    package var waiting: Int { tasks.withLock { $0.count } }

    /// Tries again at once what a legal hold has kept from being done.
    func wake(_ tenant: Tenant) {
        let soon = clock()
        tasks.withLock { tasks in
            for (name, task) in tasks where task.tenant === tenant && task.isStarted { tasks[name]?.at = min(task.at, soon) }
        }
    }

    /// Works until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for task in take() {
                    group.addTask(executorPreference: OperationsExecutor.shared) { await self.perform(task.tenant, task.subjectRequestID) }
                }
                try? await Task.sleep(for: .milliseconds(Limits.backgroundIntervalMilliseconds))
            }
        }
    }

    /// Does once what is due.
    package func runOnce() async {
        for task in take() { await perform(task.tenant, task.subjectRequestID) }
    }

    private func take() -> [Job] {
        let now = clock()
        return tasks.withLock { tasks in
            let running = tasks.values.count { $0.isRunning }
            let due = tasks.filter { !$0.value.isRunning && $0.value.at <= now }.prefix(max(0, Limits.openDSRRunsAtOnceMax - running))
            for (name, _) in due {
                tasks[name]?.isRunning = true
                tasks[name]?.isStarted = true
            }
            return due.map(\.value)
        }
    }

    // MARK: Doing it

    private func perform(_ tenant: Tenant, _ id: String) async {
        var retryAfterSeconds: Int64?
        do throws(EngineError) {
            retryAfterSeconds = try await advance(tenant, id)
        } catch {
            // A tenant that is gone has taken its requests along.
            guard erasures.vault.hasTenant(tenant.number) else { return tasks.withLock { $0[Self.name(tenant, id)] = nil } }
            Self.logger.warning("a request could not be done yet", metadata: ["tenant": "\(tenant.name.text)", "error": "\(error.code)"])
            retryAfterSeconds = Limits.openDSRRetrySeconds
        }
        let (next, name) = (retryAfterSeconds.map { clock().adding(seconds: $0) }, Self.name(tenant, id))
        tasks.withLock { tasks in
            guard let next else { return tasks[name] = nil }
            tasks[name]?.at = next
            tasks[name]?.isRunning = false
        }
    }

    /// - Returns: when to try again; nil: it has ended.
    private func advance(_ tenant: Tenant, _ id: String) async throws(EngineError) -> Int64? {
        let table = tenant.table
        guard let record = try await table.get(try table.openDSRKey(id), as: OpenDSRRecord.self, now: clock())?.value,
            let request = try await table.request(DataRequestID(storedName: record.requestName), now: clock())
        else { return nil }
        guard request.isOpen else {
            await forgetIdentities(of: record, tenant, now: clock())
            return nil
        }
        let scope = Scope(principal: request.principal(of: tenant), tenant: tenant, now: clock())
        if request.status == .pending { try await apply(.begin, to: record, of: scope) }
        let identities = try await identities(of: record, tenant)
        let users = try await IdentitySearch(store: erasures.store, tenant: tenant, now: scope.now).users(named: [identities])[0]
        if request.kind == .erasure {
            guard try await erase(users, record, scope) else { return Limits.openDSRBlockedRetrySeconds }
        } else {
            try await noteResults(users, record, scope)
        }
        await forgetIdentities(of: record, tenant, now: clock())
        return nil
    }

    private func identities(of record: OpenDSRRecord, _ tenant: Tenant) async throws(EngineError) -> [OpenDSRIdentity] {
        let key = Keyspace.requestIdentities(name: record.requestName)
        let held = try await tenant.table.get(key, as: RequestIdentitiesRecord.self, now: clock())?.value
        return try held?.identities.map { record throws(EngineError) in try OpenDSRIdentity(record) } ?? []
    }

    /// - Returns: whether all are erased; false where a legal hold is in the way.
    private func erase(_ users: [UserID], _ record: OpenDSRRecord, _ scope: Scope) async throws(EngineError) -> Bool {
        var people: [(user: UserID, subject: String)] = []
        for user in users {
            let resolved = try await scope.resolved(user)
            let subject = try scope.tenant.table.subjectDigest(resolved)
            // Whoever was named twice, or by the id of a visitor, too.
            if !people.contains(where: { $0.subject == subject }) { people.append((resolved, subject)) }
        }
        let found = try await noteFound(people, record, scope)
        var isBlocked = false
        for person in people {
            if try await scope.tenant.isHeld(person.user, now: clock()) {
                isBlocked = true
                continue
            }
            let scope = Scope(principal: scope.principal, tenant: scope.tenant, now: clock())
            _ = try await erasures.erase(scope, scope.authorize(.eraseUser, for: .user(person.user)), registers: false)
        }
        if isBlocked {
            try await apply(.meet(.hold), to: record, of: scope)
            return false
        }
        let all = Set(found + people.map(\.subject))
        let subject = all.count == 1 ? all.first : nil
        let receipt = try await receipt(of: subject, scope)
        try await apply(.complete(receiptID: receipt), to: record, of: scope) { request, record in
            (request.subject, request.subjects) = (subject, found.count)
            record.resultsCount = UInt32(found.count)
        }
        return true
    }

    /// Notes of whom something is held, before it goes: a crash may come between.
    /// - Returns: all who were ever found for this request.
    private func noteFound(
        _ people: [(user: UserID, subject: String)], _ record: OpenDSRRecord, _ scope: Scope
    ) async throws(EngineError) -> [String] {
        var found = record.found
        for person in people where !found.contains(person.subject) {
            if try erasures.partition(of: person.user, in: scope.tenant) != nil { found.append(person.subject) }
        }
        guard found != record.found else { return found }
        let (key, noted) = (try scope.tenant.table.openDSRKey(record.subjectRequestID), found)
        try await scope.tenant.table.write([key], now: clock()) { draft throws(EngineError) in
            guard var present = try draft.get(key, as: OpenDSRRecord.self) else { return }
            present.found = noted
            try draft.put(key, present)
        }
        return found
    }

    /// That of the latest erasure of somebody.
    private func receipt(of subject: String?, _ scope: Scope) async throws(EngineError) -> String? {
        guard let subject else { return nil }
        return try await scope.tenant.table.get(.erased(digest: subject), as: ErasedRecord.self, now: clock())?.value.receiptID
    }

    private func noteResults(_ users: [UserID], _ record: OpenDSRRecord, _ scope: Scope) async throws(EngineError) {
        var (partitions, subjects): ([DoomedPartitionRecord], Set<String>) = ([], [])
        for user in users {
            let resolved = try await scope.resolved(user)
            guard subjects.insert(try scope.tenant.table.subjectDigest(resolved)).inserted else { continue }
            if let partition = try erasures.partition(of: resolved, in: scope.tenant) { partitions.append(partition) }
        }
        let (found, subject, until) = (
            partitions, subjects.count == 1 ? subjects.first : nil, clock().adding(seconds: Limits.openDSRResultSeconds)
        )
        try await apply(.complete(receiptID: nil), to: record, of: scope) { request, record in
            (request.subject, request.subjects) = (subject, found.count)
            (record.results, record.resultsCount, record.resultsUntil) = (found, UInt32(found.count), until.milliseconds)
        }
    }

    // MARK: Changes

    /// Changes a request, with its entry in the log and the callbacks, in one transaction.
    func apply(
        _ change: DataRequest.Change, to record: OpenDSRRecord, of scope: Scope,
        amending amend: @escaping @Sendable (inout DataRequest, inout OpenDSRRecord) -> Void = { _, _ in }
    ) async throws(EngineError) {
        let (tenant, now) = (scope.tenant, clock())
        let id = DataRequestID(storedName: record.requestName)
        guard var trial = try await tenant.table.request(id, now: now) else { throw OpenDSR.missing }
        let actions = try trial.apply(change, now: now)
        guard !actions.isEmpty else { return }
        var random = SecureRandom()
        let commit = OpenDSRCommit(
            change: change, id: id, key: try tenant.table.openDSRKey(record.subjectRequestID), tenant: tenant, publicURL: publicURL.text,
            seed: random.next(), now: now, amend: amend)
        let sent = Sent()
        let log = actions.compactMap { if case .log(let name) = $0 { name } else { nil } }.first
        if let log {
            let entry = try trial.entry(log, by: scope.principal.actor, in: tenant, at: now)
            try await AuditLog(tenant: tenant).append(entry, now: now, with: [id.key, commit.key]) {
                draft, _ throws(IntakeDraft.Interruption) in sent.set(try commit.run(&draft))
            }
        } else {
            let isDone: Void? = try await tenant.table.writeFinding([id.key, commit.key], now: now) {
                draft throws(IntakeDraft.Interruption) in
                sent.set(try commit.run(&draft))
                return .commit(())
            }
            guard isDone != nil else { throw EngineError(.internalError, "A change of a request touches too many items.") }
        }
        outbox.announce(sent.messages, of: tenant)
    }

    /// What a transaction, which may run more than once, has put into the outbox when it ran last.
    private final class Sent: Sendable {
        private let state = Mutex<[OutboxMessageRecord]>([])
        func set(_ messages: [OutboxMessageRecord]) { state.withLock { $0 = messages } }
        var messages: [OutboxMessageRecord] { state.withLock { $0 } }
    }

    /// Destroys the key of what a person was named by. What fails is done at the next start.
    func forgetIdentities(of record: OpenDSRRecord, _ tenant: Tenant, now: Timestamp) async {
        do throws(EngineError) {
            try await erasures.destroy(Keyspace.partition(ofIdentities: record.requestName), of: tenant)
            let key = try tenant.table.openDSRKey(record.subjectRequestID)
            let item = Keyspace.dataRequest(name: record.requestName)
            try await tenant.table.write([key, item], now: now) { draft throws(EngineError) in
                guard var present = try draft.get(key, as: OpenDSRRecord.self), present.holdsIdentities else { return }
                present.holdsIdentities = false
                let request = try draft.get(item, as: DataRequestRecord.self).map { record throws(EngineError) in try DataRequest(record) }
                try draft.put(key, present, expiresAt: request?.expiresAt)
            }
            tenant.heldIdentities.withLock { _ = $0.remove(record.requestName) }
            tasks.withLock { $0[Self.name(tenant, record.subjectRequestID)] = nil }
        } catch {
            Self.logger.warning("identities could not be forgotten yet", metadata: ["tenant": "\(tenant.name.text)"])
        }
    }
}

/// One change of a request, as its transaction does it.
private struct OpenDSRCommit: Sendable {
    let change: DataRequest.Change
    let id: DataRequestID
    let key: Keyspace
    let tenant: Tenant
    let publicURL: String
    /// Names the messages; the same however often the transaction runs.
    let seed: UInt64
    let now: Timestamp
    let amend: @Sendable (inout DataRequest, inout OpenDSRRecord) -> Void

    func run(_ draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> [OutboxMessageRecord] {
        guard var request = try draft.request(id), var record = try draft.get(key, as: OpenDSRRecord.self) else {
            throw .failed(OpenDSR.missing)
        }
        let actions: [DataRequest.Action]
        do throws(EngineError) {
            actions = try request.apply(change, now: now)
        } catch {
            throw .failed(error)
        }
        amend(&request, &record)
        try draft.put(request)
        try draft.put(key, record, expiresAt: request.expiresAt)
        guard actions.contains(where: { if case .announce = $0 { true } else { false } }) else { return [] }
        var messages: [OutboxMessageRecord] = []
        for (place, url) in record.callbackUrls.enumerated() {
            let message: OutboxMessageRecord
            do throws(EngineError) {
                message = try callback(request, record, to: url, place: place)
            } catch {
                throw .failed(error)
            }
            try draft.put(.outboxMessage(name: message.name), message)
            messages.append(message)
        }
        return messages
    }

    private func callback(
        _ request: DataRequest, _ record: OpenDSRRecord, to url: String, place: Int
    ) throws(EngineError) -> OutboxMessageRecord {
        var status = record.status(of: request, tenant, publicURL: publicURL, now: now)
        status.statusCallbackUrl = url
        return OutboxMessageRecord(
            record.isLegacy ? .openGDPR : .openDSR, to: url, stream: "\(id.name)-\(place)", subject: nil, seed: seed, place: place,
            order: request.isOpen ? 0 : 1, now: now,
            body: try OpenDSRDocument.encode(status))
    }
}

extension DataRequestID {
    fileprivate var key: Keyspace { .dataRequest(name: name) }
}

extension DataRequest {
    /// In whose name it is done: the key that has asked for it, also where that is revoked by now.
    fileprivate func principal(of tenant: Tenant) -> Principal {
        let parts = actor.split(separator: ":", maxSplits: 1).map(String.init)
        let kind = APIKeyKind.allCases.first { "\($0.rawValue)-key" == parts.first }
        guard let kind, parts.count == 2 else { return Principal(tenant: tenant.name, kind: .operatorConsole, credentialID: "console") }
        return Principal(tenant: tenant.name, kind: .key(kind), credentialID: parts[1])
    }
}
