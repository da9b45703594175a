import Hummingbird

/// Refuses targets that could mean two things, before the router takes one of them.
///
/// Hummingbird leaves segments undecoded, drops empty ones and ignores a slash at the end. So `/users//dashboard` would be the
/// user `dashboard`: here it is nothing. A slash at the end is harmless and stays so; `.` and `..` are segments like others.
package enum RequestTarget {
    /// - Throws: 400 for raw bytes outside visible ASCII (RFC 3986 has them percent-encoded), 404 for empty segments.
    static func check(_ request: Request) throws(Problem) {
        let target = request.head.path ?? "/"
        // The absolute form of RFC 9112, 3.2.2 has its double slash after the scheme.
        try check(target.hasPrefix("/") ? target : request.uri.path)
    }

    package static func check(_ target: String) throws(Problem) {
        var previous = UInt8(ascii: " ")
        var isPath = true
        for byte in target.utf8 {
            guard byte > 0x20, byte < 0x7F else { throw .malformedTarget }
            if byte == UInt8(ascii: "?") { isPath = false }
            if isPath, byte == UInt8(ascii: "/"), previous == byte { throw .notFound }
            previous = byte
        }
    }
}
