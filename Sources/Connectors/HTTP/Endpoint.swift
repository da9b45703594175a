import FoundationEssentials

/// Where a service listens: scheme, host, port, and the path that its own paths are appended to.
package struct Endpoint: Sendable, Equatable {
    /// As it stands in the `Host` header: no port where it is the scheme's own.
    package let authority: String
    package let isEncrypted: Bool
    /// Percent-encoded, without a slash at its end; mostly empty.
    package let path: String
    /// In lower case.
    let host: String

    /// - Returns: nil for what is no `http` or `https` URL, and for one with a user, a query or a fragment.
    package init?(_ text: String) {
        guard text.utf8.count <= ConnectorLimits.endpointBytesMax, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }),
            let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.encodedHost?.lowercased(), !host.isEmpty, url.port.map({ 1...65_535 ~= $0 }) ?? true,
            url.percentEncodedUser == nil, url.percentEncodedPassword == nil, url.percentEncodedQuery == nil, url.fragment == nil
        else { return nil }
        isEncrypted = scheme == "https"
        self.host = host
        let ownPort = isEncrypted ? 443 : 80
        authority = host + (url.port.flatMap { $0 == ownPort ? nil : ":\($0)" } ?? "")
        path = String(url.percentEncodedPath.reversed().drop { $0 == "/" }.reversed())
    }

    private init(_ other: Endpoint, path: String) {
        (authority, isEncrypted, host) = (other.authority, other.isEncrypted, other.host)
        self.path = path
    }

    /// Without a last segment of the path, where that is its last segment.
    func dropping(lastSegment segment: String) -> Endpoint {
        path.hasSuffix("/" + segment) ? Endpoint(self, path: String(path.dropLast(segment.count + 1))) : self
    }

    /// - Parameter path: Percent-encoded, as `path(_:)` gives it.
    func url(path: String) -> String {
        (isEncrypted ? "https://" : "http://") + authority + path
    }

    /// - Parameter relative: Percent-encoded, beginning with a slash.
    func path(_ relative: String) -> String {
        path + relative
    }
}
