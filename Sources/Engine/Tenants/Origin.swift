import Glibc

/// The origin of a web page: scheme, host and port, without a path.
///
/// It is kept as browsers write it in `Origin` (RFC 6454, 4 and 6.2; host and port as in the URL Standard, 3.5 and 4.2): scheme and host
/// in lower case, no default port, IPv6 addresses in their shortest form.
struct Origin: Equatable {
    private static let hostBytesMax = 253
    private static let labelBytesMax = 63
    private static let defaultPorts = ["https": 443, "http": 80]

    /// What browsers send.
    let text: String

    /// - Throws: `.invalid` at `/origin` for what is no origin of web pages, and says what to write instead.
    init(_ written: String) throws(EngineError) {
        // After this, bytes and characters are the same.
        guard written.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw .invalid("/origin", "must have international names in their ASCII form, such as https://xn--bcher-kva.example")
        }
        let lowercased = written.lowercased()
        guard let scheme = Self.defaultPorts.keys.first(where: { lowercased.hasPrefix("\($0)://") }) else {
            throw .invalid("/origin", "must begin with https:// or http://, such as https://shop.example")
        }
        let authority = lowercased.dropFirst(scheme.count + 3)
        guard !authority.contains(where: { "/?#\\".contains($0) }) else {
            throw .invalid("/origin", "must end after the host or its port, without a slash and a path, such as https://shop.example")
        }
        guard let (host, port) = Self.split(authority), let host = Self.canonical(host: host) else { throw Self.malformed }
        guard let port else {
            text = "\(scheme)://\(host)"
            return
        }
        guard let number = Self.number(port: port) else { throw Self.malformed }
        text = number == Self.defaultPorts[scheme] ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(number)"
    }

    private static let malformed = EngineError.invalid("/origin", "must be of the form https://HOST or https://HOST:PORT")

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?)? {
        let start = authority.first == "[" ? authority.firstIndex(of: "]") : authority.startIndex
        guard let start else { return nil }
        guard let colon = authority[start...].firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func number(port: Substring) -> Int? {
        guard !port.isEmpty, port.allSatisfy(\.isNumber), let number = UInt16(port), number > 0 else { return nil }
        return Int(number)
    }

    private static func canonical(host: Substring) -> String? {
        if host.hasPrefix("["), host.hasSuffix("]") { return canonical(ipv6: host.dropFirst().dropLast()).map { "[\($0)]" } }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= hostBytesMax, labels.allSatisfy(isLabel), let last = labels.last else { return nil }
        // Where the last label is a number, browsers take the host for an IPv4 address, also in other notations: those are refused.
        guard last.allSatisfy(\.isNumber) || last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit) else { return String(host) }
        var address = in_addr()
        return inet_pton(AF_INET, String(host), &address) == 1 ? String(host) : nil
    }

    /// Browsers also go to names with `_`.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...labelBytesMax).contains(label.utf8.count) && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    /// The address by the URL Standard's serializer (3.6), which is RFC 5952 without the notation of embedded IPv4 addresses.
    private static func canonical(ipv6 text: Substring) -> String? {
        var address = in6_addr()
        guard !text.utf8.contains(0), inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
        let pieces = withUnsafeBytes(of: address) { bytes in
            (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        }
        let zeros = longestZeros(pieces)
        func written(_ range: Range<Int>) -> String { pieces[range].map { String($0, radix: 16) }.joined(separator: ":") }
        guard let zeros else { return written(0..<8) }
        return "\(written(0..<zeros.lowerBound))::\(written(zeros.upperBound..<8))"
    }

    /// The first longest run of at least two pieces that are 0.
    private static func longestZeros(_ pieces: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        while start < pieces.count {
            let end = pieces[start...].firstIndex { $0 != 0 } ?? pieces.count
            if end - start > max(longest?.count ?? 0, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        return longest
    }
}
