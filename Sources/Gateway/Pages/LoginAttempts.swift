import Glibc
import Synchronization

/// Bounds how often one address may try a wrong key: so many failures, then one more every so often.
///
/// Keys have 130 random bits, so nobody guesses one; this keeps the guessing from costing anything. Behind a proxy that is not
/// trusted (`TrustedProxies`) all clients have one address. It lives in memory.
package final class LoginAttempts: Sendable {
    private struct Failures {
        var count: Double
        var at: ContinuousClock.Instant
    }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let failures = Mutex<[String: Failures]>([:])

    /// - Parameter now: The clock; tests bring their own.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Seconds until the address may try again; nil: now.
    package func waitSeconds(_ address: String) -> Int? {
        let instant = now()
        let count = failures.withLock { Self.count($0[address], at: instant) }
        let over = count - Double(GatewayLimits.loginFailuresMax - 1)
        return over > 0 ? max(1, Int((over * GatewayLimits.loginFailureSeconds).rounded(.up))) : nil
    }

    package func noteFailure(_ address: String) {
        let instant = now()
        failures.withLock { failures in
            if failures[address] == nil, failures.count >= GatewayLimits.loginAddressesMax {
                failures = failures.filter { Self.count($0.value, at: instant) > 0 }
                if failures.count >= GatewayLimits.loginAddressesMax, let any = failures.keys.first { failures[any] = nil }
            }
            failures[address] = Failures(count: Self.count(failures[address], at: instant) + 1, at: instant)
        }
    }

    /// Failures that still count: one is forgotten every `loginFailureSeconds`.
    private static func count(_ failures: Failures?, at instant: ContinuousClock.Instant) -> Double {
        guard let failures else { return 0 }
        return max(0, failures.count - (instant - failures.at) / .seconds(1) / GatewayLimits.loginFailureSeconds)
    }

    /// What stands for a client: its IPv4 address, or the 64 bits of an IPv6 address that a network has.
    package static func name(of address: String?) -> String {
        guard let address, address.contains(":") else { return address ?? "none" }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        // What reaches a socket for both kinds over IPv4 (RFC 4291, 2.5.5.2).
        let isMapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if isMapped { return bytes.suffix(4).map { String($0) }.joined(separator: ".") }
        return bytes.prefix(8).map { String($0) }.joined(separator: ":")
    }
}
