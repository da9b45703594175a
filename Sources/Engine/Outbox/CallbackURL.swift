import FoundationEssentials

/// Where something may be sent to, as far as its text says: to which addresses a name leads is looked at when it is sent.
package enum CallbackURL {
    /// - Parameter allowsPlain: whether `http` will do, too.
    package static func isGood(_ text: String, allowsPlain: Bool) -> Bool {
        guard text.utf8.count <= Limits.callbackURLBytesMax, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }),
            let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), let host = url.encodedHost, !host.isEmpty,
            url.port.map({ 1...65_535 ~= $0 }) ?? true, url.percentEncodedUser == nil, url.percentEncodedPassword == nil,
            url.percentEncodedFragment == nil
        else { return false }
        return scheme == "https" || allowsPlain && scheme == "http"
    }
}
