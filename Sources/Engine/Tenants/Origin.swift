import Glibc

/// The origin of a web page (RFC 6454): scheme, host and port, without a path.
enum Origin {
    private static let hostBytesMax = 253

    static func isValid(_ text: String) -> Bool {
        for scheme in ["https://", "http://"] where text.utf8.starts(with: scheme.utf8) {
            return isAuthority(text.utf8.dropFirst(scheme.utf8.count))
        }
        return false
    }

    private static func isAuthority(_ text: Substring.UTF8View) -> Bool {
        let end = text.first == UInt8(ascii: "[") ? text.firstIndex(of: UInt8(ascii: "]")).map(text.index(after:)) : nil
        let hostEnd = end ?? text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let (host, rest) = (text[..<hostEnd], text[hostEnd...])
        guard end == nil ? isName(host) : isIPv6(host.dropFirst().dropLast()) else { return false }
        return rest.isEmpty || rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst())
    }

    private static func isName(_ host: Substring.UTF8View) -> Bool {
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return host.count <= hostBytesMax
            && labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") } }
    }

    private static func isIPv6(_ host: Substring.UTF8View) -> Bool {
        var address = in6_addr()
        return !host.contains(0) && inet_pton(AF_INET6, String(Substring(host)), &address) == 1
    }

    private static func isPort(_ port: Substring.UTF8View) -> Bool {
        let isNumber = port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && port.first != UInt8(ascii: "0")
        return isNumber && UInt16(Substring(port)) != nil
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
