package import Engine
import HTTPTypes

/// The reverse proxies in front of the gateway: what they say of a request's origin counts, what others say does not.
package struct TrustedProxies: Sendable, Equatable {
    /// A text that is no list of addresses and prefixes.
    package struct Malformed: Error {}

    private struct Prefix: Sendable, Equatable {
        let address: NetworkAddress
        let bits: Int
    }

    package static let none = TrustedProxies()

    private var prefixes: [Prefix] = []

    private init() {}

    /// - Parameter text: Addresses and prefixes (`10.0.0.0/8`, `fd00::/8`), separated by commas or blanks; empty: nobody is trusted.
    package init(_ text: String) throws(Malformed) {
        for entry in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = Self.address(parts[0]) else { throw Malformed() }
            let bitsMax = address.bytes.count * 8
            guard parts.count == 2 else {
                prefixes.append(Prefix(address: address, bits: bitsMax))
                continue
            }
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1]), bits <= bitsMax else {
                throw Malformed()
            }
            prefixes.append(Prefix(address: address, bits: bits))
        }
    }

    /// - Parameter peer: The address at the other end of the connection.
    package func contains(_ peer: String?) -> Bool {
        guard !prefixes.isEmpty, let peer, let address = Self.address(peer[...]) else { return false }
        return contains(address)
    }

    /// The client's address as the trusted proxies have seen it: the rightmost of `X-Forwarded-For` that is not trusted itself, since
    /// whatever is left of it may have been written by the client.
    /// - Returns: nil where the header names none.
    func clientAddress(in headers: HTTPFields) -> String? {
        var found: NetworkAddress?
        for entry in headers[values: .forwardedFor].flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).reversed() {
            guard let address = Self.forwarded(entry.trimmed) else { break }
            found = address
            if !contains(address) { break }
        }
        return found?.text
    }

    private func contains(_ address: NetworkAddress) -> Bool {
        prefixes.contains { $0.address.bytes.count == address.bytes.count && address.matches($0.address.bytes, $0.bits) }
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`: some proxies add the port.
    private static func forwarded(_ text: Substring) -> NetworkAddress? {
        if text.hasPrefix("[") { return address(text.dropFirst().prefix { $0 != "]" }) }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        return address(colons == 1 ? text.prefix { $0 != ":" } : text[...])
    }

    /// An IPv4 address that comes as an IPv6 one (RFC 4291, 2.5.5.2) is taken for what it is.
    private static func address(_ text: Substring) -> NetworkAddress? {
        guard let address = NetworkAddress(String(text)) else { return nil }
        let isMapped = address.bytes.count == 16 && address.matches([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)
        return isMapped ? NetworkAddress(bytes: Array(address.bytes.suffix(4))) : address
    }
}
