import Hummingbird
import Logging
import Synchronization

/// What ties a request to the lines that are logged about it.
///
/// It goes along with the request and into the metadata of a line when there is one: most requests log nothing.
package final class RequestIdentity: Sendable {
    /// The `X-Request-Id` of the answer: the client's where it is plain, else a random one. The server's own counts up, and would
    /// tell one tenant how many requests the others make.
    let requestID: String
    /// The client's, where it is valid (W3C Trace Context).
    let traceparent: String?

    /// Whether the request has `X-Forwarded-For` or `X-Forwarded-Proto`.
    let isForwarded: Bool

    /// Before there is a request.
    static let none = RequestIdentity(requestID: "", traceparent: nil, isForwarded: false)

    private init(requestID: String, traceparent: String?, isForwarded: Bool) {
        self.requestID = requestID
        self.traceparent = traceparent
        self.isForwarded = isForwarded
    }

    convenience init(_ headers: HTTPFields) {
        var (sent, traceparent): (String?, String?)
        var isForwarded = false
        for field in headers {
            switch field.name {
            case .requestID where Self.isPlain(field.value): sent = field.value
            case .traceparent where Self.isTraceparent(field.value): traceparent = field.value
            case .forwardedFor, .forwardedProto: isForwarded = true
            default: continue
            }
        }
        self.init(requestID: sent ?? Self.random(), traceparent: traceparent, isForwarded: isForwarded)
    }

    /// The logger, with what ties its lines to the request.
    func tied(_ logger: Logger) -> Logger {
        var logger = logger
        // Hummingbird's own id counts requests up.
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "requestId"] = .string(requestID)
        if let traceparent { logger[metadataKey: "traceparent"] = .string(traceparent) }
        return logger
    }

    /// 128 bits in lower-case hexadecimal that say nothing of how many there were: `Hasher` is SipHash under a key of this process's own.
    private static func random() -> String {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        var (high, low) = (hash(number, 0), hash(number, 1))
        return String(unsafeUninitializedCapacity: 32) { digits in
            for position in 0..<16 {
                digits[15 - position] = hexadecimal(UInt8(truncatingIfNeeded: high & 0xF))
                digits[31 - position] = hexadecimal(UInt8(truncatingIfNeeded: low & 0xF))
                high >>= 4
                low >>= 4
            }
            return 32
        }
    }

    private static let count = Atomic<UInt64>(0)

    private static func hash(_ number: UInt64, _ half: UInt8) -> UInt {
        var hasher = Hasher()
        hasher.combine(number)
        hasher.combine(half)
        return UInt(bitPattern: hasher.finalize())
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
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
