import Hummingbird
import Logging

/// What ties a request to the lines that are logged about it.
package enum RequestIdentity {
    /// The `X-Request-Id` of the answer: the client's where it is plain, else the one that the server has given the request already.
    ///
    /// A valid `traceparent` (W3C Trace Context) is taken over into the logger's metadata.
    static func adopt(from headers: HTTPFields, into context: inout GatewayContext) -> String {
        var requestID: String?
        for field in headers {
            switch field.name {
            case .requestID where isPlain(field.value):
                requestID = field.value
                context.logger[metadataKey: "hb.request.id"] = .string(field.value)
            case .traceparent where isTraceparent(field.value):
                context.logger[metadataKey: "traceparent"] = .string(field.value)
            default: continue
            }
        }
        return requestID ?? context.logger[metadataKey: "hb.request.id"]?.description ?? "-"
    }

    package static func isPlain(_ text: String) -> Bool {
        (1...GatewayLimits.requestIDBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// `version-traceid-parentid-flags` in lower-case hexadecimal; ids that are all zeros and version ff are not valid.
    package static func isTraceparent(_ text: String) -> Bool {
        guard text.utf8.count == 55 else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        func isHexadecimal(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return parts.map(\.count) == [2, 32, 16, 2]
            && parts.allSatisfy { $0.allSatisfy(isHexadecimal) }
            && !parts[0].elementsEqual("ff".utf8)
            && !parts[1...2].contains { $0.allSatisfy { $0 == UInt8(ascii: "0") } }
    }
}
