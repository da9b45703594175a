import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// The connections that are open, and who makes room where all places are taken.
///
/// Whoever opens connections and asks for nothing must not shut out others: then those that have been silent longest are closed, first
/// those that never sent a request, and none that is being answered.
final class OpenConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: OpenConnection] = [:]
        /// Counts connections from their acceptance, so also those that are not among `open` yet.
        var acceptedCount = 0
        var isMakingRoom = false
        /// How often in a row room was made and taken at once.
        var roundCount = 0
        var lastWarning: NIODeadline?
    }

    private static let makeRoomInterval = TimeAmount.milliseconds(250)
    private static let warningInterval = TimeAmount.minutes(1)

    private let limits: ConnectionLimits
    private let logger: Logger
    private let state = Mutex(State())

    init(_ limits: ConnectionLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    /// Remembers the connection until it closes.
    func insert(_ channel: any Channel) -> OpenConnection {
        let connection = OpenConnection(channel)
        let id = ObjectIdentifier(connection)
        state.withLock { $0.open[id] = connection }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.open.removeValue(forKey: id) }
        }
        return connection
    }

    /// Whether another connection may be accepted. Where not, room is made.
    var hasRoom: Bool {
        let isFirst: Bool? = state.withLock { state in
            guard state.acceptedCount >= limits.connectionsMax else { return nil }
            defer { state.isMakingRoom = true }
            return !state.isMakingRoom
        }
        guard let isFirst else { return true }
        if isFirst {
            warn()
            makeRoom()
        }
        return false
    }

    func countAccepted(_ change: Int) {
        state.withLock { $0.acceptedCount += change }
    }

    private func warn() {
        let now = NIODeadline.now()
        let isDue = state.withLock { state in
            if let last = state.lastWarning, now - last < Self.warningInterval { return false }
            state.lastWarning = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "All connections are taken. No other is accepted until one ends; those that have been silent longest are closed.",
            metadata: ["connections": "\(limits.connectionsMax)"])
    }

    /// Closes silent connections, again and again while no other can be accepted.
    private func makeRoom() {
        let now = NIODeadline.now()
        let victims: [OpenConnection]? = state.withLock { state in
            guard state.acceptedCount >= limits.connectionsMax, !state.open.isEmpty else {
                (state.isMakingRoom, state.roundCount) = (false, 0)
                return nil
            }
            state.roundCount += 1
            // Those that have closed and are still counted make room as well.
            let comingCount = max(0, state.acceptedCount - state.open.count)
            return longestSilent(among: state.open.values, round: state.roundCount, comingCount: comingCount, now: now)
        }
        guard let victims else { return }
        for victim in victims { victim.channel.triggerUserOutboundEvent(MakeRoom(), promise: nil) }
        guard let eventLoop = state.withLock({ $0.open.first?.value.channel.eventLoop }) else {
            return state.withLock { ($0.isMakingRoom, $0.roundCount) = (false, 0) }
        }
        eventLoop.scheduleTask(in: Self.makeRoomInterval) { self.makeRoom() }
    }

    /// As many as make some room; more, up to a quarter, the more often that was not enough.
    private func longestSilent(
        among open: Dictionary<ObjectIdentifier, OpenConnection>.Values, round: Int, comingCount: Int, now: NIODeadline
    ) -> [OpenConnection] {
        // While there are any that never asked for anything, those that did stay.
        let use: OpenConnection.Use = open.contains { $0.use == .none } ? .none : .past
        let silent = open.filter { $0.use == use && now - $0.openedAt >= limits.silentTimeMin }
        let share = use == .none ? max(4, 128 >> min(round, 5)) : 64
        return Array(silent.sorted { $0.openedAt < $1.openedAt }.prefix(max(0, max(1, limits.connectionsMax / share) - comingCount)))
    }
}

/// Asks a connection to close unless it is being used.
struct MakeRoom: Sendable {}

/// An open connection, as other event loops see it.
final class OpenConnection: Sendable {
    /// Whether requests have come.
    enum Use: UInt8 {
        case none, past, present
    }

    let channel: any Channel
    let openedAt = NIODeadline.now()
    private let rawUse = Atomic<UInt8>(Use.none.rawValue)

    init(_ channel: any Channel) {
        self.channel = channel
    }

    var use: Use {
        get { Use(rawValue: rawUse.load(ordering: .relaxed)) ?? .present }
        set { rawUse.store(newValue.rawValue, ordering: .relaxed) }
    }
}

/// Stops accepting while all places are taken. Clients wait in the kernel's queue meanwhile.
struct ConnectionRoom: AvailableConnectionsDelegate {
    let connections: OpenConnections

    func connectionOpened() { connections.countAccepted(1) }
    func connectionClosed() { connections.countAccepted(-1) }
    func isAcceptingNewConnections() -> Bool { connections.hasRoom }
}
