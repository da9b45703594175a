import Gzip
import HTTPTypes
import Hummingbird
import NIOCore

/// What a request says that its body is.
enum ContentType {
    case json, form, other

    /// Parameters (`; charset=utf-8`) do not matter: JSON has one encoding, and a form of ours is ASCII.
    init(_ headers: HTTPFields) {
        let value = headers[.contentType] ?? ""
        // What nearly everyone sends, without taking it apart.
        if value == "application/json" {
            self = .json
            return
        }
        let type = value.prefix { $0 != ";" }.trimmed.lowercased()
        self =
            switch type {
            case "application/json": .json
            case "application/x-www-form-urlencoded": .form
            default: .other
            }
    }
}

extension Request {
    /// The whole body; 413 as soon as it is known to be too long, 415 where it is compressed.
    func content(bytesMax: Int = GatewayLimits.bodyBytesMax) async throws -> ByteBuffer {
        if let coding = headers[.contentEncoding], coding.trimmed.lowercased() != "identity" { throw Problem.unsupportedCoding }
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > bytesMax { throw Problem.tooLarge }
        var collected = ByteBuffer()
        for try await var chunk in body {
            guard collected.readableBytes + chunk.readableBytes <= bytesMax else { throw Problem.tooLarge }
            if collected.readableBytes == 0 { collected = chunk } else { collected.writeBuffer(&chunk) }
        }
        return collected
    }

    /// The whole body of a route that takes events: as it is, or compressed with gzip. 413 as soon as either form is known to be too long.
    func eventContent(bytesMax: Int = GatewayLimits.bodyBytesMax) async throws -> [UInt8] {
        let coding = headers[.contentEncoding].map { $0.trimmed.lowercased() } ?? "identity"
        guard coding == "gzip" || coding == "x-gzip" else { return Array(try await content(bytesMax: bytesMax).readableBytesView) }
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > bytesMax { throw Problem.tooLarge }
        return try await Self.inflate(body, bytesMax: bytesMax)
    }

    private static func inflate(_ body: RequestBody, bytesMax: Int) async throws -> [UInt8] {
        var compressed = ByteBuffer()
        for try await var chunk in body {
            guard compressed.readableBytes + chunk.readableBytes <= bytesMax else { throw Problem.tooLarge }
            compressed.writeBuffer(&chunk)
        }
        do throws(GzipError) {
            var inflater = try GzipInflater(bytesMax: bytesMax)
            try inflater.append(compressed)
            return try inflater.finish()
        } catch {
            throw error == .tooLarge ? Problem.tooLarge : Problem.malformedGzip
        }
    }

    /// The whole body of a route that takes JSON; 400 without one, 415 where it says to be something else.
    func jsonContent() async throws -> ByteBuffer {
        let content = try await content()
        try requireJSON(content)
        return content
    }

    /// - Parameter other: a further type that the route takes.
    func requireJSON(_ content: ByteBuffer, or other: String? = nil) throws {
        guard content.readableBytes > 0 else { throw Problem.emptyBody }
        if let other, headers[.contentType]?.prefix(while: { $0 != ";" }).trimmed.lowercased() == other { return }
        guard case .json = ContentType(headers) else { throw Problem.unsupportedMediaType }
    }
}

extension GzipInflater {
    fileprivate mutating func append(_ buffer: ByteBuffer) throws(GzipError) {
        let result: Result<Void, GzipError> = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(GzipError) in try append(bytes.assumingMemoryBound(to: UInt8.self)) }
        }
        try result.get()
    }
}
