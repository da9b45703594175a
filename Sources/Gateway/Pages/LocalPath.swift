/// A path on this server, where a browser may be sent: no other server's, whatever the reader of URLs.
package struct LocalPath: Sendable, Equatable {
    package let text: String

    /// - Returns: nil for what could lead elsewhere: `//host`, `/\host`, anything with a blank, a control character or a backslash.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...GatewayLimits.localPathBytesMax).contains(bytes.count), bytes[0] == UInt8(ascii: "/"),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            bytes.count == 1 || bytes[1] != UInt8(ascii: "/")
        else { return nil }
        self.text = text
    }
}

/// Percent-encoding (RFC 3986, 2.1) of one segment of a path, or one value of a query.
package enum PercentEncoding {
    package static func component(_ text: String) -> String { component(bytes: Array(text.utf8)) }

    package static func component(bytes: [UInt8]) -> String {
        var encoded = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
