import Dispatch
package import Engine
import Glibc
import Synchronization

/// Looks names up, on threads of its own: the system's resolver blocks.
package struct NameResolver: Sendable {
    private static let queue = DispatchQueue(label: "attune.names", attributes: .concurrent)

    private let lookUp: @Sendable (String) -> [NetworkAddress]

    package init() {
        lookUp = Self.addresses
    }

    /// For tests: one that answers as told.
    package init(_ lookUp: @escaping @Sendable (String) -> [NetworkAddress]) {
        self.lookUp = lookUp
    }

    /// Whoever is cancelled waits no longer: the system's resolver cannot be left, and ends on its own thread later.
    /// - Returns: none where the name is not known.
    func addresses(of host: String) async -> [NetworkAddress] {
        if let literal = NetworkAddress(host) { return [literal] }
        let answer = Answer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard answer.expect(continuation) else { return continuation.resume(returning: []) }
                Self.queue.async { answer.give(lookUp(host)) }
            }
        } onCancel: {
            answer.give([])
        }
    }

    /// What somebody waits for: the first that is given counts.
    private final class Answer: Sendable {
        private struct State {
            var waiting: CheckedContinuation<[NetworkAddress], Never>?
            var isGiven = false
        }

        private let state = Mutex(State())

        /// - Returns: false where it was given before.
        func expect(_ continuation: CheckedContinuation<[NetworkAddress], Never>) -> Bool {
            state.withLock { state in
                if !state.isGiven { state.waiting = continuation }
                return !state.isGiven
            }
        }

        func give(_ addresses: [NetworkAddress]) {
            let waiting = state.withLock { state in
                defer { state = State(waiting: nil, isGiven: true) }
                return state.waiting
            }
            waiting?.resume(returning: addresses)
        }
    }

    private static func addresses(of host: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr.flatMap({ address(at: $0, family: entry.ai_family) }) { found.append(address) }
            next = entry.ai_next
        }
        return found
    }

    private static func address(at pointer: UnsafeMutablePointer<sockaddr>, family: Int32) -> NetworkAddress? {
        switch family {
        case AF_INET:
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                NetworkAddress(bytes: withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                NetworkAddress(bytes: withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) })
            }
        default: nil
        }
    }
}
