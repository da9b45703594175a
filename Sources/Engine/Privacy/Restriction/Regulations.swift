import AttuneCrypto
import Store
import SwiftProtobuf
import Tokens

/// Requests of data-protection tooling in the shape of Segment's: suppress users, erase them, or both.
package struct Regulations: Sendable {
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
        package let status: String
        package let createdAt: String
        package let finishedAt: String?
        package let done: UInt32
        package let total: UInt32
    }

    /// Does what is asked for each of the users; when it returns, all of it is done.
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
        let request = kind.request(about: subjects.count, scope)
        try await note(scope, id, kind, request, done: 0, of: subjects.count)
        if kind.suppresses || kind == .unsuppress {
            for user in subjects {
                try await scope.tenant.suppress(user, kind.suppresses, by: scope.principal.actor, now: scope.now)
            }
        }
        if kind.erases { try await erase(subjects, scope) }
        try await note(scope, id, kind, request, done: subjects.count, of: subjects.count)
        return id
    }

    /// A few at a time, so that others' writes are not kept waiting.
    private func erase(_ subjects: [UserID], _ scope: Scope) async throws(EngineError) {
        var rest = subjects[...]
        while !rest.isEmpty {
            let some = rest.prefix(Limits.erasuresAtOnceMax)
            rest = rest.dropFirst(some.count)
            let failures = await withTaskGroup(of: EngineError?.self) { group in
                for user in some {
                    group.addTask {
                        do throws(EngineError) {
                            let user = try scope.authorize(.eraseUser, for: .user(user))
                            _ = try await erasures.erase(scope, user, registers: false)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                var failures: [EngineError] = []
                for await failure in group { if let failure { failures.append(failure) } }
                return failures
            }
            if let failure = failures.first { throw failure }
        }
    }

    private func key(_ id: String, _ scope: Scope) throws(EngineError) -> Keyspace {
        .regulation(digest: try scope.tenant.table.digest([Array("regulation".utf8), Array(id.utf8)]))
    }

    private func note(
        _ scope: Scope, _ id: String, _ kind: Kind, _ request: DataRequest?, done: Int, of total: Int
    ) async throws(EngineError) {
        let key = try key(id, scope)
        let record = RegulationRecord.with {
            $0.id = id
            $0.regulationType = kind.rawValue
            $0.createdAt = scope.now.milliseconds
            ($0.done, $0.total) = (UInt32(done), UInt32(total))
            if done == total { $0.finishedAt = erasures.clock().milliseconds }
        }
        let entry = try AuditEntry(
            done == total ? "regulation-finished" : "regulation", object: id, by: scope.principal.actor, in: scope.tenant.name,
            at: scope.now)
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: scope.now, with: [key]) {
            draft, _ throws(IntakeDraft.Interruption) in
            try draft.put(key, record)
            guard let request else { return }
            if done == total { try draft.finish(request.id, receiptID: nil, now: scope.now) } else { try draft.put(request) }
        }
    }

    package func status(_ scope: Scope, id: String) async throws(EngineError) -> Status {
        try scope.authorize(.manageRegulations)
        let found = try await scope.tenant.table.get(try key(id, scope), as: RegulationRecord.self, now: scope.now)
        guard let record = found?.value else { throw EngineError(.notFound, "There is no regulation of that id.") }
        let finishedAt = record.hasFinishedAt ? Timestamp(milliseconds: record.finishedAt).rfc3339 : nil
        return Status(
            id: record.id, regulationType: record.regulationType, status: finishedAt == nil ? "RUNNING" : "FINISHED",
            createdAt: Timestamp(milliseconds: record.createdAt).rfc3339, finishedAt: finishedAt, done: record.done, total: record.total)
    }
}

extension Regulations.Kind {
    /// What it is in the register; nil: nothing that anybody has a right to.
    fileprivate func request(about subjects: Int, _ scope: Scope) -> DataRequest? {
        guard erases || suppresses else { return nil }
        var request = DataRequest(
            erases ? .erasure : .objection, source: .regulation, receivedAt: scope.now, by: scope.principal.actor)
        request.status = .inProgress
        request.subjects = subjects
        return request
    }
}
