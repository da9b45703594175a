import Synchronization

/// Which messages wait, in memory: what is in the outbox of every tenant, in its order. The process that owns the folder is the only one.
final class OutboxQueue: Sendable {
    struct Waiting: Sendable {
        let tenant: Tenant
        let name: String
        /// Those of a stream go out one after another.
        let stream: String
        let createdAt: Timestamp
        var nextAt: Timestamp
    }

    private struct Stream: Hashable {
        let tenant: ObjectIdentifier
        let name: String
    }

    private struct State {
        var streams: [Stream: [Waiting]] = [:]
        var busy: Set<Stream> = []
        var busyOfTenant: [ObjectIdentifier: Int] = [:]
    }

    private let state = Mutex(State())

    private static func stream(_ waiting: Waiting) -> Stream { Stream(tenant: ObjectIdentifier(waiting.tenant), name: waiting.stream) }

    func add(_ messages: [Waiting]) {
        state.withLock { state in
            for message in messages { state.streams[Self.stream(message), default: []].append(message) }
        }
    }

    /// The next that are due, so that no more are under way than may be, altogether and for one tenant. Each is to be handed back.
    func take(now: Timestamp) -> [Waiting] {
        state.withLock { state in
            var taken: [Waiting] = []
            for (stream, messages) in state.streams where state.busy.count < Limits.deliveriesAtOnceMax {
                guard let first = messages.first, first.nextAt <= now, !state.busy.contains(stream),
                    state.busyOfTenant[stream.tenant, default: 0] < Limits.deliveriesPerTenantAtOnceMax
                else { continue }
                state.busy.insert(stream)
                state.busyOfTenant[stream.tenant, default: 0] += 1
                taken.append(first)
            }
            return taken
        }
    }

    /// - Parameter nextAt: when it is tried again; nil: it is done with.
    func handBack(_ message: Waiting, nextAt: Timestamp?) {
        let stream = Self.stream(message)
        state.withLock { state in
            state.busy.remove(stream)
            let busy = state.busyOfTenant[stream.tenant, default: 1] - 1
            state.busyOfTenant[stream.tenant] = busy > 0 ? busy : nil
            guard var messages = state.streams[stream], let place = messages.firstIndex(where: { $0.name == message.name }) else { return }
            if let nextAt { messages[place].nextAt = nextAt } else { messages.remove(at: place) }
            state.streams[stream] = messages.isEmpty ? nil : messages
        }
    }

    /// When the oldest was made; nil: none waits.
    var oldest: Timestamp? { state.withLock { $0.streams.values.joined().map(\.createdAt).min() } }

    var count: Int { state.withLock { $0.streams.values.reduce(0) { $0 + $1.count } } }
}
