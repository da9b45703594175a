import HTTPTypes
import Hummingbird
import NIOCore

/// A document that is the same for everybody as long as the process lives: plain, and compressed before it is asked for.
///
/// Each form has its own strong entity tag (RFC 9110, 8.8.3.3), so that caches do not take one for the other.
struct SharedDocument: Sendable {
    private struct Form: Sendable {
        let content: ByteBuffer
        let tag: String
        let coding: String?
    }

    private let plain: Form
    private let compressed: Form
    private let headers: HTTPFields

    /// - Parameters:
    ///   - gzipped: the same bytes, compressed with gzip.
    ///   - headers: content type, how long it may be kept, and whatever else goes with it.
    init(_ bytes: [UInt8], gzipped: [UInt8], headers: HTTPFields) {
        let tag = ContentTag.text(of: bytes)
        plain = Form(content: ByteBuffer(bytes: bytes), tag: "\"\(tag)\"", coding: nil)
        compressed = Form(content: ByteBuffer(bytes: gzipped), tag: "\"\(tag)-gzip\"", coding: "gzip")
        self.headers = headers
    }

    /// 200, or 304 to a client that has it.
    func response(to request: Request) -> Response {
        let form = AcceptedCodings(request.headers).takesGzip ? compressed : plain
        var fields = headers
        fields[.eTag] = form.tag
        fields[.vary] = "Accept-Encoding"
        guard !isKnown(form.tag, request.headers) else {
            fields[.contentType] = nil
            return Response(status: .notModified, headers: fields)
        }
        fields[.contentEncoding] = form.coding
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: form.content))
    }

    /// Compares weakly (RFC 9110, 13.1.2).
    private func isKnown(_ tag: String, _ headers: HTTPFields) -> Bool {
        guard let value = headers[.ifNoneMatch] else { return false }
        if value.trimmed == "*" { return true }
        return value.split(separator: ",").contains { text in
            let text = text.trimmed
            return (text.hasPrefix("W/") ? text.dropFirst(2) : text) == tag
        }
    }
}

/// Which content codings a client takes (RFC 9110, 12.5.3).
struct AcceptedCodings: Sendable {
    let takesGzip: Bool

    init(_ headers: HTTPFields) {
        var (named, any): (Bool?, Bool?) = (nil, nil)
        for entry in (headers[.acceptEncoding] ?? "").split(separator: ",") {
            let parts = entry.split(separator: ";", maxSplits: 1).map { $0.trimmed.lowercased() }
            guard let coding = parts.first else { continue }
            let weight = parts.count > 1 && parts[1].hasPrefix("q=") ? Double(parts[1].dropFirst(2).trimmed) ?? 0 : 1
            if coding == "gzip" || coding == "x-gzip" { named = weight > 0 }
            if coding == "*" { any = weight > 0 }
        }
        takesGzip = named ?? any ?? false
    }
}

enum ContentTag {
    /// FNV-1a (Fowler, Noll, Vo), 64 bits: tells versions of our own files apart, and guards nothing.
    static func text(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
