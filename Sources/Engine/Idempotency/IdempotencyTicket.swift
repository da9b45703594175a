import AttuneCrypto
import FoundationEssentials
import SwiftProtobuf

/// A request's claim to happen once: goes with its scope into the transaction of its effect, which keeps the answer.
struct IdempotencyTicket: Sendable {
    /// Where the answer is kept: with the user that the request is about, so that it goes when the user goes.
    let key: Keyspace
    /// Where a refusal is kept, which is about nobody and must not bring a user into being.
    let refusalKey: Keyspace
    let requestDigest: [UInt8]
    /// Among the requests that are running.
    let running: RunningRequest
    /// What to answer when the effect has happened.
    let success: KeptAnswer

    /// Keeps the answer in the transaction of the effect; `key` must be among those that the transaction names.
    func keep(in table: inout TableDraft, now: Timestamp) throws(EngineError) {
        try keep(success, at: key, in: &table, now: now)
    }

    func keep(_ answer: KeptAnswer, at key: Keyspace, in table: inout TableDraft, now: Timestamp) throws(EngineError) {
        let record = KeptAnswerRecord.with {
            $0.requestDigest = .init(requestDigest)
            $0.status = UInt32(answer.status)
            $0.contentType = answer.contentType
            $0.body = .init(answer.body)
        }
        try table.put(key, record, expiresAt: now.adding(seconds: Int64(Limits.idempotencySeconds)))
    }
}

/// Names a request among those that are running.
struct RunningRequest: Hashable, Sendable {
    let tenant: TenantName
    let digest: String
}
