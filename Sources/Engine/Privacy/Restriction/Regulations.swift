import AttuneCrypto
import Logging
import Store
import SwiftProtobuf
import Tokens

/// Requests of data-protection tooling in the shape of Segment's: suppress users, erase them, or both.
package struct Regulations: Sendable {
    private static let logger = Logger(label: "attune.privacy")

    let erasures: Erasures

    package enum Kind: String, Sendable, CaseIterable {
        case suppressOnly = "SUPPRESS_ONLY"
        case suppressWithDelete = "SUPPRESS_WITH_DELETE"
        case deleteOnly = "DELETE_ONLY"
        case unsuppress = "UNSUPPRESS"

        var suppresses: Bool { self == .suppressOnly || self == .suppressWithDelete }
        var erases: Bool { self == .suppressWithDelete || self == .deleteOnly }
    }

    package struct Status: Codable, Sendable {
        package let id: String
        package let regulationType: String
        /// As Segment's: "RUNNING", "FINISHED", "PARTIAL_SUCCESS" where some are held, "FAILED" where it is to be asked for again.
        package let status: String
        package let createdAt: String
        package let finishedAt: String?
        package let done: UInt32
        /// How many a legal hold has kept from being erased.
        package let held: UInt32
        package let total: UInt32
    }

    /// Does what is asked for each of the users; when it returns, all of it is done, but for the erasure of those who are held.
    ///
    /// Who the users are is kept nowhere. Killed on the way, those whose erasure was begun are finished at the next start, and the caller,
    /// who has had no answer, asks again.
    /// - Returns: the regulation's id.
    package func perform(
        _ scope: Scope, kind: String, subjectType: String, subjects: [UserID]
    ) async throws(EngineError) -> String {
        try scope.authorize(.manageRegulations)
        guard let kind = Kind(rawValue: kind) else {
            throw .invalid("/regulationType", "must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard subjectType == "USER_ID" else { throw .invalid("/subjectType", "must be USER_ID") }
        guard (1...Limits.regulationSubjectsMax).contains(subjects.count) else {
            throw .invalid("/subjectIds", "must hold 1 to \(Limits.regulationSubjectsMax) ids")
        }
        let id = "reg_" + Base64URL.encode(SecureRandom.bytes(16))
        let subjects = Array(Set(subjects))
        var work = Work(
            record: RegulationRecord.with {
                ($0.id, $0.regulationType, $0.total) = (id, kind.rawValue, UInt32(subjects.count))
                $0.createdAt = scope.now.milliseconds
            }, request: kind.request(about: subjects.count, scope), name: DataRequestID.new(now: scope.now).name)
        try await begin(work, scope)
        do throws(EngineError) {
            if kind.suppresses || kind == .unsuppress {
                for user in subjects {
                    try await scope.tenant.suppress(user, kind.suppresses, by: scope.principal.actor, now: scope.now)
                }
            }
            if kind.erases { work.record.held = UInt32(try await erase(subjects, scope)) }
        } catch {
            // Whoever has asked hears of it and asks again, which is another regulation. What is not closed now is at the next start.
            do throws(EngineError) {
                try await end(work, scope, log: "regulation-failed")
            } catch {
                Self.logger.warning("a regulation could not be closed", metadata: ["tenant": "\(scope.tenant.name.text)"])
            }
            throw error
        }
        work.record.done = work.record.total - work.record.held
        try await end(work, scope, log: "regulation-finished")
        return id
    }

    /// A few at a time, so that others' writes are not kept waiting. A legal hold keeps its user and nobody else.
    /// - Returns: how many are held.
    private func erase(_ subjects: [UserID], _ scope: Scope) async throws(EngineError) -> Int {
        var (rest, held, conflict): (ArraySlice<UserID>, Int, EngineError?) = (subjects[...], 0, nil)
        while !rest.isEmpty {
            let some = rest.prefix(Limits.erasuresAtOnceMax)
            rest = rest.dropFirst(some.count)
            let failures = await withTaskGroup(of: EngineError?.self) { group in
                for user in some { group.addTask { await erase(user, scope) } }
                var failures: [EngineError] = []
                for await failure in group { if let failure { failures.append(failure) } }
                return failures
            }
            for failure in failures {
                if failure == Holds.refusal { held += 1 } else if failure.code == .conflict { conflict = failure } else { throw failure }
            }
        }
        // Somebody is being erased by another request at this moment.
        if let conflict { throw conflict }
        return held
    }

    private func erase(_ user: UserID, _ scope: Scope) async -> EngineError? {
        do throws(EngineError) {
            guard let person = try await scope.person(named: user) else { return nil }
            _ = try await erasures.erase(scope, scope.authorize(.eraseUser, for: .user(person)), registers: false)
            return nil
        } catch {
            return error
        }
    }

    // MARK: The record and the register

    private struct Work: Sendable {
        var record: RegulationRecord
        /// nil: nothing that anybody has a right to.
        let request: DataRequest?
        /// By which a start finds it while it is open.
        let name: String

        init(record: RegulationRecord, request: DataRequest?, name: String) {
            (self.record, self.request, self.name) = (record, request, request?.id.name ?? name)
        }
    }

    private func key(_ id: String, _ tenant: Tenant) throws(EngineError) -> Keyspace {
        .regulation(digest: try tenant.table.digest([Array("regulation".utf8), Array(id.utf8)]))
    }

    private func begin(_ work: Work, _ scope: Scope) async throws(EngineError) {
        let (key, open) = (try key(work.record.id, scope.tenant), Keyspace.openRequest(name: work.name))
        let entry = try AuditEntry("regulation", object: work.record.id, by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: scope.now, with: [key, open]) {
            draft, _ throws(IntakeDraft.Interruption) in
            if let request = work.request { try draft.add(request) }
            try draft.put(key, work.record)
            try draft.put(open, OpenRequestRecord.with { $0.regulationID = work.record.id })
        }
    }

    private func end(_ work: Work, _ scope: Scope, log: String) async throws(EngineError) {
        let (key, open) = (try key(work.record.id, scope.tenant), Keyspace.openRequest(name: work.name))
        let (now, line) = (erasures.clock(), DataRequestID(storedName: work.name))
        let change: DataRequest.Change =
            work.record.done + work.record.held == work.record.total
            ? .complete(receiptID: nil, leaving: work.record.held > 0 ? .hold : nil) : .giveUp(log: log)
        let entry = try AuditEntry(log, object: work.record.id, by: scope.principal.actor, in: scope.tenant.name, at: now)
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: now, with: [key, open]) {
            draft, _ throws(IntakeDraft.Interruption) in
            var record = work.record
            record.finishedAt = now.milliseconds
            try draft.put(key, record)
            try draft.delete(open)
            if try draft.request(line)?.isOpen ?? false { _ = try draft.apply(change, to: line, now: now) }
        }
    }

    /// Closes what a crash has left: who it was about is known no more, and whoever has asked has had no answer.
    func close(_ open: [OpenRequest], _ scope: Scope) async {
        for request in open where !request.record.regulationID.isEmpty {
            do throws(EngineError) {
                let key = try key(request.record.regulationID, scope.tenant)
                guard let record = try await scope.tenant.table.get(key, as: RegulationRecord.self, now: scope.now)?.value else { continue }
                try await end(Work(record: record, request: nil, name: request.name), scope, log: "regulation-failed")
            } catch {
                Self.logger.warning("a regulation could not be closed", metadata: ["tenant": "\(scope.tenant.name.text)"])
            }
        }
    }

    package func status(_ scope: Scope, id: String) async throws(EngineError) -> Status {
        try scope.authorize(.manageRegulations)
        let found = try await scope.tenant.table.get(try key(id, scope.tenant), as: RegulationRecord.self, now: scope.now)
        guard let record = found?.value else { throw EngineError(.notFound, "There is no regulation of that id.") }
        let finishedAt = record.hasFinishedAt ? Timestamp(milliseconds: record.finishedAt).rfc3339 : nil
        return Status(
            id: record.id, regulationType: record.regulationType, status: record.status,
            createdAt: Timestamp(milliseconds: record.createdAt).rfc3339, finishedAt: finishedAt, done: record.done, held: record.held,
            total: record.total)
    }
}

extension Regulations.Kind {
    /// What it is in the register; nil: nothing that anybody has a right to.
    fileprivate func request(about subjects: Int, _ scope: Scope) -> DataRequest? {
        guard erases || suppresses else { return nil }
        var request = DataRequest(
            erases ? .erasure : .objection, source: .regulation, receivedAt: scope.now, now: scope.now, by: scope.principal.actor)
        request.status = .inProgress
        request.subjects = subjects
        return request
    }
}

extension RegulationRecord {
    fileprivate var status: String {
        if !hasFinishedAt { return "RUNNING" }
        if done == total { return "FINISHED" }
        return done + held == total ? "PARTIAL_SUCCESS" : "FAILED"
    }
}
