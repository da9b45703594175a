/// The origin of a web page (RFC 6454): scheme, host and port, without a path.
enum Origin {
    static func isValid(_ text: String) -> Bool {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let allowed = rest.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"/?#@\\\"<>".utf8.contains(byte)
            }
            return !rest.isEmpty && rest.utf8.count <= 253 && allowed
        }
        return false
    }
}
