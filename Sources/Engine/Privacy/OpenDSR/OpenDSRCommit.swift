import Store
import SwiftProtobuf

/// One change of a request, as its transaction does it.
struct OpenDSRCommit: Sendable {
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
        var messages: [OutboxMessageRecord] = []
        if actions.contains(where: { if case .announce = $0 { true } else { false } }) {
            messages = try announce(request, record, in: &draft)
        }
        // The last messages have their own; then nobody needs them.
        if !request.isOpen { record.callbackUrls = [] }
        try draft.put(request)
        try draft.put(key, record, expiresAt: request.expiresAt)
        return messages
    }

    private func announce(
        _ request: DataRequest, _ record: OpenDSRRecord, in draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) -> [OutboxMessageRecord] {
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
            record.isLegacy ? .openGDPR : .openDSR, to: url, stream: "\(id.name)-\(place)", seed: seed, place: place,
            order: request.isOpen ? 0 : 1, now: now, body: try OpenDSRDocument.encode(status))
    }
}

extension DataRequestID {
    var key: Keyspace { .dataRequest(name: name) }
}
