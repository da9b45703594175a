import AttuneCrypto
import Logging
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// A request that is being done.
struct OpenDSRStep: Sendable {
    let job: OpenDSRWork.Job
    let record: OpenDSRRecord
    let request: DataRequest
    let scope: Scope
    let identities: [OpenDSRIdentity]
    var users: [UserID]
}

/// How a request is done.
extension OpenDSRWork {
    /// - Returns: nil where it has ended.
    func begin(_ job: Job) async throws(EngineError) -> OpenDSRStep? {
        let (tenant, table) = (job.tenant, job.tenant.table)
        guard let record = try await table.get(try table.openDSRKey(job.subjectRequestID), as: OpenDSRRecord.self, now: clock())?.value,
            let request = try await table.request(DataRequestID(storedName: record.requestName), now: clock())
        else { return nil }
        guard request.isOpen else {
            await forgetIdentities(of: record, tenant, now: clock())
            return nil
        }
        let scope = Scope(principal: request.principal(of: tenant), tenant: tenant, now: clock())
        if request.status == .pending { try await apply(.begin, to: record, of: scope) }
        return OpenDSRStep(
            job: job, record: record, request: request, scope: scope, identities: try await identities(of: record, tenant),
            users: job.found ?? [])
    }

    /// - Throws: `.damaged` where it is not known whom a request names: it is not done then, though nobody would be found.
    private func identities(of record: OpenDSRRecord, _ tenant: Tenant) async throws(EngineError) -> [OpenDSRIdentity] {
        let key = Keyspace.requestIdentities(name: record.requestName)
        guard let held = try await tenant.table.get(key, as: RequestIdentitiesRecord.self, now: clock())?.value else {
            throw EngineError(.damaged, "It is not known any more whom a request names.")
        }
        return try held.identities.map { record throws(EngineError) in try OpenDSRIdentity(record) }
    }

    /// Looks once for all whom it was not looked for before.
    func search(_ steps: inout [OpenDSRStep], of tenant: Tenant) async throws(EngineError) {
        let places = steps.indices.filter { steps[$0].job.found == nil }
        guard !places.isEmpty else { return }
        let search = IdentitySearch(store: erasures.store, tenant: tenant, now: clock())
        let found = try await search.users(named: places.map { steps[$0].identities })
        for (place, users) in zip(places, found) { steps[place].users = users }
    }

    func finish(_ step: OpenDSRStep) async throws(EngineError) -> Outcome {
        let (record, scope, tenant) = (step.record, step.scope, step.scope.tenant)
        if step.users.count > Limits.openDSRPeopleMax {
            // An address that stands with so many is nobody's: whoever asked has to name the person otherwise.
            try await apply(.giveUp(log: "request-refused"), to: record, of: scope)
        } else if step.request.kind == .erasure {
            let held = try await erase(step.users, record, scope)
            guard held.isEmpty else { return .again(afterSeconds: Limits.openDSRBlockedRetrySeconds, found: held) }
        } else {
            try await noteResults(step.users, record, scope)
        }
        await forgetIdentities(of: record, tenant, now: clock())
        return .ended
    }

    /// - Returns: those whom a legal hold keeps; all others are erased.
    private func erase(_ users: [UserID], _ record: OpenDSRRecord, _ scope: Scope) async throws(EngineError) -> [UserID] {
        var (people, subjects): ([(user: UserID, subject: String)], Set<String>) = ([], [])
        for user in users {
            guard let resolved = try await scope.person(named: user) else { continue }
            let subject = try scope.tenant.table.subjectDigest(resolved)
            // Whoever was named twice, or by the id of a visitor, too.
            if subjects.insert(subject).inserted { people.append((resolved, subject)) }
        }
        let found = try await noteFound(people, record, scope)
        var held: [UserID] = []
        for person in people {
            let scope = Scope(principal: scope.principal, tenant: scope.tenant, now: clock())
            do throws(EngineError) {
                guard try await !scope.isHeld(person.user) else { throw Holds.refusal }
                _ = try await erasures.erase(scope, scope.authorize(.eraseUser, for: .user(person.user)), registers: false)
            } catch {
                // A hold keeps its user, and none of the others.
                guard error == Holds.refusal else { throw error }
                held.append(person.user)
            }
        }
        guard held.isEmpty else {
            try await apply(.meet(.hold), to: record, of: scope)
            return held
        }
        let all = Set(found + people.map(\.subject))
        let subject = all.count == 1 ? all.first : nil
        let receipt = try await receipt(of: subject, scope)
        try await apply(.complete(receiptID: receipt), to: record, of: scope) { request, record in
            (request.subject, request.subjects) = (subject, found.count)
            record.resultsCount = UInt32(found.count)
        }
        return []
    }

    /// Notes of whom something is held, before it goes: a crash may come between.
    /// - Returns: all who were ever found for this request.
    private func noteFound(
        _ people: [(user: UserID, subject: String)], _ record: OpenDSRRecord, _ scope: Scope
    ) async throws(EngineError) -> [String] {
        var found = record.found
        let known = Set(found)
        for person in people where !known.contains(person.subject) {
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
            guard let resolved = try await scope.person(named: user) else { continue }
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
            let open = Keyspace.openRequest(name: record.requestName)
            try await tenant.table.write([key, item, open], now: now) { draft throws(EngineError) in
                if draft.version(of: open) != 0 { draft.delete(open) }
                guard var present = try draft.get(key, as: OpenDSRRecord.self), present.holdsIdentities else { return }
                present.holdsIdentities = false
                let request = try draft.get(item, as: DataRequestRecord.self).map { record throws(EngineError) in try DataRequest(record) }
                try draft.put(key, present, expiresAt: request?.expiresAt)
            }
            tenant.heldIdentities.withLock { _ = $0.remove(record.requestName) }
            drop(tenant, record.subjectRequestID)
        } catch {
            Self.logger.warning("identities could not be forgotten yet", metadata: ["tenant": "\(tenant.name.text)"])
        }
    }
}

extension DataRequest {
    /// In whose name it is done: the key that has asked for it, also where that is revoked by now.
    func principal(of tenant: Tenant) -> Principal {
        let parts = actor.split(separator: ":", maxSplits: 1).map(String.init)
        let kind = APIKeyKind.allCases.first { "\($0.rawValue)-key" == parts.first }
        guard let kind, parts.count == 2 else { return Principal(tenant: tenant.name, kind: .operatorConsole, credentialID: "console") }
        return Principal(tenant: tenant.name, kind: .key(kind), credentialID: parts[1])
    }
}
