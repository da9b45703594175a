import AttuneCrypto
import FoundationEssentials
import Logging
import Store
import SwiftProtobuf

/// Everything that is to leave the building. A message is committed in the transaction that caused it, and is delivered at least once, over
/// restarts, or given up at a stated end (`DeliveryPlan`).
package final class Outbox: Sendable {
    /// How messages are signed.
    ///
    /// All tell of requests and name no user, so an erasure leaves them. One that tells of a user has to lie under a prefix of its own with
    /// the keyed digest of the user's id, where an erasure finds it (`UserUncount`) without reading the others, and `Keyspace.personalData`
    /// has to say so.
    enum Kind: String, Sendable {
        case openDSR = "opendsr"
        case openGDPR = "opengdpr"
    }

    private static let logger = Logger(label: "attune.outbox")

    private let queue = OutboxQueue()
    private let processor: ProcessorIdentity
    private let clock: @Sendable () -> Timestamp

    init(processor: ProcessorIdentity, clock: @escaping @Sendable () -> Timestamp) {
        (self.processor, self.clock) = (processor, clock)
    }

    /// How many messages wait.
    package var waiting: Int { queue.count }

    /// The age of the oldest message that waits; 0: none does.
    func oldestSeconds(now: Timestamp) -> Double { queue.oldest.map { max(0, now.seconds(since: $0)) } ?? 0 }

    /// Takes up what a run before has left, in its order.
    func load(_ tenant: Tenant, now: Timestamp) async throws(EngineError) {
        var records: [OutboxMessageRecord] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(.outbox), prefix: Keyspace.outboxPrefix, now: now) { found in
            // One that cannot be read keeps none of the others.
            guard let record = try? OutboxMessageRecord(stored: found.item.payload) else {
                return Self.logger.warning("a message cannot be read", metadata: ["tenant": "\(tenant.name.text)"])
            }
            records.append(record)
        }
        announce(records.sorted { ($0.createdAt, $0.order, $0.name) < ($1.createdAt, $1.order, $1.name) }, of: tenant)
    }

    /// To be called when a transaction that holds the messages is committed.
    func announce(_ messages: [OutboxMessageRecord], of tenant: Tenant) {
        queue.add(
            messages.map {
                .init(
                    tenant: tenant, name: $0.name, stream: $0.stream, createdAt: Timestamp(milliseconds: $0.createdAt),
                    nextAt: Timestamp(milliseconds: $0.nextAt))
            })
    }

    /// Delivers what is due until cancelled. What is under way then is delivered again at the next start.
    package func run(_ sender: any MessageSender) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for message in queue.take(now: clock()) { group.addTask { await self.deliver(message, by: sender) } }
                try? await Task.sleep(for: .milliseconds(Limits.backgroundIntervalMilliseconds))
            }
            group.cancelAll()
        }
    }

    private func deliver(_ waiting: OutboxQueue.Waiting, by sender: any MessageSender) async {
        let (table, key, now) = (waiting.tenant.table, Keyspace.outboxMessage(name: waiting.name), clock())
        do throws(EngineError) {
            guard let record = try await table.get(key, as: OutboxMessageRecord.self, now: now)?.value else {
                // Taken out with its tenant.
                return queue.handBack(waiting, nextAt: nil)
            }
            let outcome = await sender.send(try await message(record, now: now))
            // One that was cut short is as if it had not been tried.
            guard !Task.isCancelled || outcome == .delivered else { return queue.handBack(waiting, nextAt: waiting.nextAt) }
            try await settle(record, outcome, waiting)
        } catch {
            let isGone = error.code == .damaged
            if isGone { Self.logger.warning("a message cannot be read") }
            queue.handBack(waiting, nextAt: isGone ? nil : clock().adding(seconds: Int64(Limits.deliveryRetrySecondsMin)))
        }
    }

    private func settle(
        _ record: OutboxMessageRecord, _ outcome: DeliveryOutcome, _ waiting: OutboxQueue.Waiting
    ) async throws(EngineError) {
        let (key, now) = (Keyspace.outboxMessage(name: record.name), clock())
        var random = SecureRandom()
        let step = DeliveryPlan.step(
            after: outcome, attempts: Int(record.attempts) + 1, createdAt: Timestamp(milliseconds: record.createdAt), now: now,
            chance: Double.random(in: 0...1, using: &random))
        var nextAt: Timestamp?
        if case .retry(let at) = step { nextAt = at }
        if step == .giveUp {
            Self.logger.warning("a message was given up", metadata: ["tenant": "\(waiting.tenant.name.text)", "kind": "\(record.kind)"])
        }
        let next = nextAt
        try await waiting.tenant.table.write([key], now: now) { draft throws(EngineError) in
            guard var present = try draft.get(key, as: OutboxMessageRecord.self) else { return }
            guard let next else { return draft.delete(key) }
            present.attempts += 1
            present.nextAt = next.milliseconds
            try draft.put(key, present)
        }
        queue.handBack(waiting, nextAt: nextAt)
    }

    private func message(_ record: OutboxMessageRecord, now: Timestamp) async throws(EngineError) -> OutgoingMessage {
        let body = Array(record.body)
        let signature = try await processor.signature(of: body, now: now)
        let prefix = Kind(rawValue: record.kind) == .openGDPR ? "X-OpenGDPR" : "X-OpenDSR"
        return OutgoingMessage(
            url: record.url,
            headers: [
                ("content-type", "application/json"), ("\(prefix)-Processor-Domain", signature.domain),
                ("\(prefix)-Signature", signature.base64),
            ], body: body)
    }
}

extension OutboxMessageRecord {
    /// - Parameters:
    ///   - place: tells apart those of one transaction.
    ///   - order: of those of a stream that are of the same moment.
    init(
        _ kind: Outbox.Kind, to url: String, stream: String, seed: UInt64, place: Int, order: UInt64 = 0, now: Timestamp, body: [UInt8]
    ) {
        self = .with {
            $0.name = Keyspace.timeName(now, digest: seed &+ UInt64(place))
            ($0.kind, $0.url, $0.stream) = (kind.rawValue, url, stream)
            $0.body = Data(body)
            $0.order = order
            ($0.createdAt, $0.nextAt) = (now.milliseconds, now.milliseconds)
        }
    }
}
