import Store
import SwiftProtobuf

/// A tenant's register of requests of data subjects, and the clock of Art. 12.
package struct DataRequests: Sendable {
    package struct Page: Sendable {
        package let items: [DataRequestDocument]
        package let nextCursor: String?
    }

    /// What is entered by hand.
    package struct Entry: Sendable {
        package var kind: String
        package var user: UserID?
        package var regulation: String?
        package var receivedAt: Timestamp?

        package init(kind: String, user: UserID?, regulation: String?, receivedAt: Timestamp?) {
            (self.kind, self.user, self.regulation, self.receivedAt) = (kind, user, regulation, receivedAt)
        }
    }

    static let missing = EngineError(.notFound, "There is no request of that id.")

    /// Tried again, a request has another name.
    static let nameIsTaken = EngineError(.unavailable, "Another request came at the same moment.", retryAfterSeconds: 1)

    /// Requests, the newest first. A page may hold less than was asked for; only without a next one it is the last.
    /// - Parameters:
    ///   - openOnly: leaves out what has ended.
    ///   - cursor: as the page before gave it.
    package func page(_ scope: Scope, limit: Int, cursor: String?, openOnly: Bool = false) async throws(EngineError) -> Page {
        try scope.authorize(.manageRequests)
        guard (1...Limits.requestsPerPageMax).contains(limit) else {
            throw .invalid("/limit", "must be 1 to \(Limits.requestsPerPageMax)")
        }
        let start = try cursor.map { text throws(EngineError) in
            guard let id = DataRequestID(text) else { throw .invalid("/cursor", "is no cursor") }
            return id
        }
        let found = try await scope.tenant.table.page(
            in: Keyspace.partition(.requests), prefix: Keyspace.dataRequestPrefix,
            after: start.map { Keyspace.dataRequestPrefix + $0.name },
            limit: openOnly ? Limits.requestsPerPageMax : limit, now: scope.now)
        var (items, last): ([DataRequestDocument], DataRequestID?) = ([], nil)
        for (place, item) in found.enumerated() {
            let request = try DataRequest(item.item.record(as: DataRequestRecord.self))
            if !openOnly || request.isOpen { items.append(DataRequestDocument(request, now: scope.now)) }
            let isFull = items.count == limit || place == Limits.requestsPerPageMax - 1
            if isFull { last = request.id }
            if isFull { break }
        }
        return Page(items: items, nextCursor: last?.text)
    }

    package func request(_ scope: Scope, id: DataRequestID?) async throws(EngineError) -> DataRequestDocument {
        try scope.authorize(.manageRequests)
        guard let id, let found = try await scope.tenant.table.request(id, now: scope.now) else { throw Self.missing }
        return DataRequestDocument(found, now: scope.now)
    }

    /// Enters a request that came in on another way: a letter, a call.
    package func enter(_ scope: Scope, _ entry: Entry) async throws(EngineError) -> DataRequestDocument {
        try scope.authorize(.manageRequests)
        guard let kind = DataRequest.Kind(rawValue: entry.kind) else {
            throw .invalid("/type", "must be one of \(DataRequest.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let regulation = entry.regulation ?? "gdpr"
        guard (1...Limits.regulationNameBytesMax).contains(regulation.utf8.count), regulation.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw .invalid("/regulation", "must be 1 to \(Limits.regulationNameBytesMax) visible ASCII characters")
        }
        let receivedAt = entry.receivedAt ?? scope.now
        let ageMax = Int64(Limits.requestAgeDaysMax) * 86_400
        guard receivedAt <= scope.now.adding(seconds: Int64(Limits.eventAheadSecondsMax)), receivedAt >= scope.now.adding(seconds: -ageMax)
        else {
            throw .invalid("/receivedAt", "must lie within the last \(Limits.requestAgeDaysMax) days")
        }
        var request = DataRequest(kind, source: .manual, receivedAt: receivedAt, now: scope.now, by: scope.principal.actor)
        request.regulation = regulation
        if let user = entry.user { request.subject = try scope.tenant.table.subjectDigest(try await scope.resolved(user)) }
        let (entered, log) = (request, try request.entry("request-entered", by: scope.principal.actor, in: scope.tenant, at: scope.now))
        try await AuditLog(tenant: scope.tenant).append(log, now: scope.now, with: [request.key]) {
            draft, _ throws(IntakeDraft.Interruption) in
            try draft.add(entered)
        }
        return DataRequestDocument(request, now: scope.now)
    }

    /// Extends the period by two further months.
    /// - Throws: `.conflict` where it was extended before, is over, or the request has ended.
    package func extend(_ scope: Scope, id: DataRequestID?, reason: String) async throws(EngineError) -> DataRequestDocument {
        try scope.authorize(.manageRequests)
        guard let id, let present = try await scope.tenant.table.request(id, now: scope.now) else { throw Self.missing }
        return try await apply(.extend(reason: reason, actor: scope.principal.actor), to: present, scope)
    }

    /// Says that a request that was entered by hand is done.
    /// - Throws: `.conflict` for any other: those say so themselves.
    package func complete(_ scope: Scope, id: DataRequestID?) async throws(EngineError) -> DataRequestDocument {
        try scope.authorize(.manageRequests)
        guard let id, let present = try await scope.tenant.table.request(id, now: scope.now) else { throw Self.missing }
        guard present.source == .manual else {
            throw EngineError(.conflict, "Only a request that was entered by hand is completed by hand.")
        }
        return try await apply(.complete(receiptID: nil), to: present, scope)
    }

    /// Changes a request, with an entry of the log.
    private func apply(_ change: DataRequest.Change, to present: DataRequest, _ scope: Scope) async throws(EngineError)
        -> DataRequestDocument
    {
        var changed = present
        let actions = try changed.apply(change, now: scope.now)
        let names = actions.compactMap { if case .log(let name) = $0 { name } else { nil } }
        let entry = try present.entry(names.first ?? "request-changed", by: scope.principal.actor, in: scope.tenant, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now, with: [present.key]) {
            draft, _ throws(IntakeDraft.Interruption) in _ = try draft.apply(change, to: present.id, now: scope.now)
        }
        return try await request(scope, id: present.id)
    }
}

extension DataRequest {
    /// An entry of the log about it.
    func entry(_ action: String, by actor: String, in tenant: Tenant, at now: Timestamp) throws(EngineError) -> AuditEntry {
        try AuditEntry(action, object: id.text, by: actor, in: tenant.name, at: now)
    }
}

extension Table {
    func request(_ id: DataRequestID, now: Timestamp) async throws(EngineError) -> DataRequest? {
        try await get(.dataRequest(name: id.name), as: DataRequestRecord.self, now: now).map { found throws(EngineError) in
            try DataRequest(found.value)
        }
    }
}

extension IntakeDraft {
    mutating func request(_ id: DataRequestID) throws(Interruption) -> DataRequest? {
        guard let record = try get(.dataRequest(name: id.name), as: DataRequestRecord.self) else { return nil }
        do throws(EngineError) {
            return try DataRequest(record)
        } catch {
            throw .failed(error)
        }
    }

    /// Changes a request as it is now.
    /// - Returns: what else is to be done.
    mutating func apply(_ change: DataRequest.Change, to id: DataRequestID, now: Timestamp) throws(Interruption) -> [DataRequest.Action] {
        guard table != nil else {
            try require([.dataRequest(name: id.name)])
            return []
        }
        guard var request = try request(id) else { throw .failed(DataRequests.missing) }
        let actions: [DataRequest.Action]
        do throws(EngineError) {
            actions = try request.apply(change, now: now)
        } catch {
            throw .failed(error)
        }
        try put(request)
        return actions
    }

    /// Completes a request, where the register has it still.
    mutating func finish(_ id: DataRequestID, receiptID: String?, now: Timestamp) throws(Interruption) {
        guard let request = try request(id), request.isOpen else { return }
        _ = try apply(.complete(receiptID: receiptID), to: id, now: now)
    }

    /// Enters a new line.
    mutating func add(_ request: DataRequest) throws(Interruption) {
        guard try version(of: request.key) == 0 else { throw .failed(DataRequests.nameIsTaken) }
        try put(request)
    }

    mutating func put(_ request: DataRequest) throws(Interruption) {
        try put(request.key, request.record, expiresAt: request.expiresAt)
    }
}

extension Principal {
    /// How the register says that a request of this caller's came in.
    var requestSource: DataRequest.Source {
        switch kind {
        case .key: .api
        case .user: isInPrivacyCenter ? .privacyCenter : .user
        case .operatorConsole: .command
        }
    }
}

extension Scope {
    /// A request of the caller's that is being done already.
    func newRequest(_ kind: DataRequest.Kind, about user: UserID) throws(EngineError) -> DataRequest {
        var request = DataRequest(kind, source: principal.requestSource, receivedAt: now, now: now, by: principal.actor)
        request.subject = try tenant.table.subjectDigest(user)
        request.status = .inProgress
        return request
    }
}

extension DataRequest {
    /// Of what is done at once.
    func done(at now: Timestamp) throws(EngineError) -> DataRequest {
        var request = self
        _ = try request.apply(.complete(receiptID: nil), now: now)
        return request
    }
}
