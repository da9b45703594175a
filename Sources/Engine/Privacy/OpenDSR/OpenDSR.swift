import AttuneCrypto
import FoundationEssentials
import Store
import SwiftProtobuf

/// Requests of data subjects by the protocol OpenDSR 2.0, formerly OpenGDPR (github.com/opengdpr/OpenDSR, specification.md).
///
/// A request is a line of the register, with what the protocol needs beside it. It is answered at once and done in the background
/// (`OpenDSRWork`), over restarts.
package struct OpenDSR: Sendable {
    let processor: ProcessorIdentity
    let publicURL: PublicURL
    let exports: UserExports
    let work: OpenDSRWork
    let pendingSeconds: Int
    let clock: @Sendable () -> Timestamp
    package let allowsPrivateCallbacks: Bool

    static let missing = EngineError(.notFound, "There is no request of that id.")

    // MARK: Open to all

    package func discovery(isLegacy: Bool) throws(EngineError) -> [UInt8] {
        let identities = OpenDSRIdentity.Kind.allCases.flatMap { kind in
            OpenDSRIdentity.Format.allCases.map { format in
                OpenDSRDocument.Discovery.Identity(identityType: kind.rawValue, identityFormat: format.rawValue)
            }
        }
        return try OpenDSRDocument.encode(
            OpenDSRDocument.Discovery(
                apiVersion: OpenDSRDocument.apiVersion(isLegacy: isLegacy), supportedIdentities: identities,
                supportedSubjectRequestTypes: OpenDSRSubmission.kinds.map(\.rawValue), supportedRegulations: OpenDSRSubmission.regulations,
                processorCertificate: "\(publicURL.text)/\(isLegacy ? "v1" : "v2")/certificate"))
    }

    package func certificate() async throws(EngineError) -> [UInt8] { try await processor.certificate(now: clock()) }

    /// What goes into the headers of an answer.
    package func signature(of body: [UInt8]) async throws(EngineError) -> ProcessorIdentity.Signature {
        try await processor.signature(of: body, now: clock())
    }

    // MARK: Requests

    /// Takes a request. The same once more gives the same answer.
    /// - Throws: `.conflict` for a known id with another body.
    package func submit(_ scope: Scope, _ submission: OpenDSRSubmission) async throws(EngineError) -> [UInt8] {
        try scope.authorize(.manageRequests)
        let table = scope.tenant.table
        let key = try table.openDSRKey(submission.subjectRequestID)
        let bodyDigest = try table.digest([Array("opendsr-body".utf8), submission.body])
        if let known = try await table.get(key, as: OpenDSRRecord.self, now: scope.now)?.value {
            return try taken(known, submission, bodyDigest: bodyDigest, scope)
        }
        let request = try newRequest(submission, scope)
        let record = try await newRecord(submission, request, bodyDigest: bodyDigest, scope)
        do throws(EngineError) {
            try await commit(submission, request, record, at: key, scope)
        } catch {
            // Another request has its name in the register.
            if error == DataRequests.nameIsTaken { return try await submit(scope, submission) }
            // Somebody has sent it at the same moment, or it was stored all the same.
            guard let known = try await table.get(key, as: OpenDSRRecord.self, now: scope.now)?.value else { throw error }
            return try taken(known, submission, bodyDigest: bodyDigest, scope)
        }
        work.add(scope.tenant, record)
        return try answer(record, to: submission, bodyDigest: bodyDigest, scope)
    }

    /// The answer to what is known, which is taken up where it was not yet.
    private func taken(
        _ known: OpenDSRRecord, _ submission: OpenDSRSubmission, bodyDigest: String, _ scope: Scope
    ) throws(EngineError) -> [UInt8] {
        if known.holdsIdentities { work.add(scope.tenant, known) }
        return try answer(known, to: submission, bodyDigest: bodyDigest, scope)
    }

    private func newRequest(_ submission: OpenDSRSubmission, _ scope: Scope) throws(EngineError) -> DataRequest {
        // The clock runs from when the controller was asked; what cannot be is not believed.
        let oldest = scope.now.adding(seconds: -Int64(Limits.requestAgeDaysMax) * 86_400)
        let isBelievable = submission.submittedAt <= scope.now && submission.submittedAt >= oldest
        var request = DataRequest(
            submission.kind, source: .opendsr, receivedAt: isBelievable ? submission.submittedAt : scope.now, now: scope.now,
            by: scope.principal.actor)
        request.regulation = submission.regulation
        return request
    }

    private func newRecord(
        _ submission: OpenDSRSubmission, _ request: DataRequest, bodyDigest: String, _ scope: Scope
    ) async throws(EngineError) -> OpenDSRRecord {
        let pendingUntil = scope.now.adding(seconds: Int64(pendingSeconds))
        var record = OpenDSRRecord.with {
            ($0.requestName, $0.subjectRequestID, $0.bodyDigest) = (request.id.name, submission.subjectRequestID, bodyDigest)
            ($0.callbackUrls, $0.isLegacy) = (submission.callbackURLs, submission.isLegacy)
            $0.apiVersion = OpenDSRDocument.apiVersion(isLegacy: submission.isLegacy)
            ($0.receivedAt, $0.pendingUntil) = (scope.now.milliseconds, pendingUntil.milliseconds)
            $0.expectedCompletionAt = pendingUntil.adding(seconds: Limits.openDSRCompletionSeconds).milliseconds
            $0.holdsIdentities = true
        }
        let unsigned = try received(record, submission, scope)
        record.processorSignature = try await processor.signature(of: unsigned, now: scope.now).base64
        return record
    }

    private func commit(
        _ submission: OpenDSRSubmission, _ request: DataRequest, _ record: OpenDSRRecord, at key: Keyspace, _ scope: Scope
    ) async throws(EngineError) {
        let (identities, open) = (Keyspace.requestIdentities(name: request.id.name), Keyspace.openRequest(name: request.id.name))
        let held = RequestIdentitiesRecord.with { $0.identities = submission.identities.map(\.record) }
        let entry = try request.entry("opendsr-request", by: scope.principal.actor, in: scope.tenant, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now, with: [key, request.key, open, identities]) {
            draft, _ throws(IntakeDraft.Interruption) in
            guard try draft.version(of: key) == 0 else { throw .failed(EngineError(.conflict, "The request is known.")) }
            try draft.put(key, record)
            try draft.add(request)
            try draft.put(open, OpenRequestRecord.with { $0.subjectRequestID = record.subjectRequestID })
            try draft.put(identities, held)
        }
    }

    private func received(_ record: OpenDSRRecord, _ submission: OpenDSRSubmission, _ scope: Scope) throws(EngineError) -> [UInt8] {
        try OpenDSRDocument.encode(
            OpenDSRDocument.Received(
                apiVersion: record.apiVersion, controllerId: scope.tenant.name.text, encodedRequest: Base64.encode(submission.body),
                expectedCompletionTime: Timestamp(milliseconds: record.expectedCompletionAt).rfc3339,
                receivedTime: Timestamp(milliseconds: record.receivedAt).rfc3339, subjectRequestId: record.subjectRequestID))
    }

    private func answer(
        _ record: OpenDSRRecord, to submission: OpenDSRSubmission, bodyDigest: String, _ scope: Scope
    ) throws(EngineError) -> [UInt8] {
        guard ConstantTime.areEqual(Array(record.bodyDigest.utf8), Array(bodyDigest.utf8)) else {
            throw EngineError(.conflict, "There is another request of that id.")
        }
        return Self.adding(record.processorSignature, to: try received(record, submission, scope))
    }

    /// `processor_signature` is that of the document without it, which is the last member.
    private static func adding(_ signature: String, to document: [UInt8]) -> [UInt8] {
        document.dropLast() + Array(#","processor_signature":"\#(signature)"}"#.utf8)
    }

    // MARK: Status

    package func status(_ scope: Scope, id: String) async throws(EngineError) -> [UInt8] {
        try scope.authorize(.manageRequests)
        let (record, request) = try await find(scope, id)
        return try OpenDSRDocument.encode(record.status(of: request, scope.tenant, publicURL: publicURL.text, now: scope.now))
    }

    private func find(_ scope: Scope, _ id: String) async throws(EngineError) -> (OpenDSRRecord, DataRequest) {
        guard OpenDSRSubmission.isUUID(id) else { throw Self.missing }
        let table = scope.tenant.table
        guard let record = try await table.get(try table.openDSRKey(id), as: OpenDSRRecord.self, now: scope.now)?.value,
            let request = try await table.request(DataRequestID(storedName: record.requestName), now: scope.now)
        else { throw Self.missing }
        return (record, request)
    }

    /// - Throws: `.conflict` where it is no longer pending.
    package func cancel(_ scope: Scope, id: String) async throws(EngineError) -> [UInt8] {
        try scope.authorize(.manageRequests)
        let (record, _) = try await find(scope, id)
        try await work.apply(.cancel, to: record, of: scope)
        await work.forgetIdentities(of: record, scope.tenant, now: scope.now)
        let document = try OpenDSRDocument.encode(
            OpenDSRDocument.Cancelled(
                apiVersion: record.apiVersion, controllerId: scope.tenant.name.text, receivedTime: scope.now.rfc3339,
                subjectRequestId: record.subjectRequestID))
        return Self.adding(try await processor.signature(of: document, now: scope.now).base64, to: document)
    }

    // MARK: Results

    /// What was asked for, of each of the people who were found, written while it is read.
    /// - Throws: `.notFound` where there is none, any more.
    package func results(_ scope: Scope, id: String) async throws(EngineError) -> [UserExport] {
        try scope.authorize(.manageRequests)
        let (record, request) = try await find(scope, id)
        guard record.hasResults(request, now: scope.now) else { throw EngineError(.notFound, "There are no results, or no longer.") }
        var found: [UserExport] = []
        for partition in record.results {
            guard let user = try work.erasures.user(of: partition, in: scope.tenant.number) else { continue }
            found.append(try await exports.export(scope, scope.authorize(.exportUser, for: .user(user)), format: .json, registers: false))
        }
        guard !found.isEmpty else { throw EngineError(.notFound, "There are no results, or no longer.") }
        return found
    }
}

extension Table {
    func openDSRKey(_ subjectRequestID: String) throws(EngineError) -> Keyspace {
        .openDSR(digest: try digest([Array("opendsr".utf8), Array(subjectRequestID.utf8)]))
    }
}

extension OpenDSRRecord {
    func hasResults(_ request: DataRequest, now: Timestamp) -> Bool {
        request.status == .completed && !results.isEmpty && hasResultsUntil && now.milliseconds < resultsUntil
    }

    func status(of request: DataRequest, _ tenant: Tenant, publicURL: String, now: Timestamp) -> OpenDSRDocument.Status {
        let url = "\(publicURL)/v2/requests/\(subjectRequestID)/results"
        return OpenDSRDocument.Status(
            apiVersion: apiVersion, controllerId: tenant.name.text,
            expectedCompletionTime: Timestamp(milliseconds: expectedCompletionAt).rfc3339, requestStatus: request.status.rawValue,
            resultsUrl: hasResults(request, now: now) ? url : nil, resultsCount: request.status == .completed ? resultsCount : nil,
            subjectRequestId: subjectRequestID)
    }
}
