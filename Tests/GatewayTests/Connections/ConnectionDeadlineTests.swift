import Foundation
import Gateway
import NIOCore
import Testing

/// Clients that keep connections for nothing. The deadlines are a hundredth of the real ones or so.
@Suite("Connection deadlines", .serialized)
struct ConnectionDeadlineTests {
    private static let limits = {
        var limits = ConnectionLimits()
        limits.handshakeTimeMax = .milliseconds(400)
        limits.idleTimeMax = .milliseconds(900)
        limits.bodyTimeMax = .milliseconds(900)
        limits.unreadTimeMax = .milliseconds(900)
        return limits
    }()
    /// The longest deadline, its timer, and what a busy machine adds.
    private static let patience = Duration.seconds(8)

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let openSettings = frame(4)
    /// SETTINGS_INITIAL_WINDOW_SIZE of 0: no answer's body may be sent.
    private static let shutSettings = frame(4, payload: [0, 4, 0, 0, 0, 0])
    private static let post: [UInt8] = [0x83, 0x87, 0x44, 9] + Array("/v1/track".utf8) + [0x41, 9] + Array("localhost".utf8)
    private static let get: [UInt8] = [0x82, 0x87, 0x44, 13] + Array("/openapi.yaml".utf8) + [0x41, 9] + Array("localhost".utf8)

    private static let documents = (0..<50).flatMap { (number: UInt32) in frame(1, flags: 5, stream: 2 * number + 1, payload: get) }

    /// A frame of HTTP/2 (RFC 9113, 4.1).
    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        let sizeAndType: [UInt8] = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        let number: [UInt8] = (0..<4).map { (place: Int) in UInt8(truncatingIfNeeded: stream >> (24 - 8 * place)) }
        return sizeAndType + number + payload
    }

    @Test(
        "half a request ends",
        arguments: [
            "", "GET /li", "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ", "POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{",
            "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "GET /livez HTTP/1.0\r\n\r\n",
        ])
    func silence(_ start: String) async throws {
        try await LiveGateway.run(Self.limits) { gateway in
            let connection = try await gateway.connect()
            // On a busy machine the deadline may have come before.
            try? await connection.send(start)
            #expect(await connection.closes(within: Self.patience))
        }
    }

    @Test(
        "what drips ends",
        arguments: ["GET /livez HTTP/1.1\r\nX-A: ", "POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"])
    func dripping(_ start: String) async throws {
        try await LiveGateway.run(Self.limits) { gateway in
            let connection = try await gateway.connect()
            try await connection.send(start)
            let dripping = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(100))
                    try await connection.send(" ")
                }
            }
            #expect(await connection.closes(within: Self.patience))
            dripping.cancel()
        }
    }

    @Test("a connection that is used goes on beyond the deadlines")
    func use() async throws {
        try await LiveGateway.run(Self.limits) { gateway in
            let connection = try await gateway.connect()
            for _ in 0..<12 {
                try await connection.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                try await Task.sleep(for: .milliseconds(250))
            }
            #expect(connection.channel.isActive)
            connection.channel.close(promise: nil)
        }
    }

    @Test("answers that nobody reads are given up, and memory with them")
    func unread() async throws {
        try await LiveGateway.run(Self.limits) { gateway in
            let connection = try await gateway.connect(receiveBytes: 2048, reads: false)
            try await connection.send(String(repeating: "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n", count: 60))
            try await Task.sleep(for: .seconds(4))
            // What the kernel held is still there; then comes the end, long before that of the answers.
            try await connection.channel.setOption(.autoRead, value: true).get()
            connection.channel.read()
            var bytes = 0
            for await part in connection.received { bytes += part.readableBytes }
            #expect(bytes < 60 * OpenAPIDocument.yaml.count / 2, "\(bytes)")
        }
    }

    @Test("answers that are read slowly come whole")
    func slowReading() async throws {
        try await LiveGateway.run(Self.limits) { gateway in
            let connection = try await gateway.connect(receiveBytes: 16 * 1024, reads: false)
            try await connection.send("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let reading = Task {
                while connection.channel.isActive {
                    connection.channel.read()
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            var bytes = 0
            for await part in connection.received { bytes += part.readableBytes }
            reading.cancel()
            #expect(bytes > OpenAPIDocument.yaml.count)
        }
    }

    @Test(
        "behind TLS silence ends before the handshake, before the first request and within one",
        arguments: [
            ("no hello", nil, []), ("half a hello", nil, [0x16, 3, 1, 0x40, 0]), ("HTTP/1.1, no request", "http/1.1", []),
            ("HTTP/1.1, half a request", "http/1.1", Array("GET /li".utf8)), ("nothing but the preface", "h2", preface + openSettings),
            ("no preface", "h2", []), ("a head without its end", "h2", preface + openSettings + frame(1, stream: 1, payload: post)),
            ("a head without its body", "h2", preface + openSettings + frame(1, flags: 4, stream: 1, payload: post)),
            (
                "a window of 0", "h2", preface + shutSettings + documents
            ),
            ("one request", "h2", preface + openSettings + frame(1, flags: 5, stream: 1, payload: get)),
        ] as [(String, String?, [UInt8])])
    func silenceBehindTLS(_ name: String, _ version: String?, _ bytes: [UInt8]) async throws {
        try await TestCertificate.make { certificate in
            try await LiveGateway.run(Self.limits, certificate: certificate) { gateway in
                let connection = try await gateway.connect(protocols: version.map { [$0] })
                try await connection.send(bytes)
                #expect(await connection.closes(within: Self.patience), "\(name)")
            }
        }
    }

    @Test("a stream that waits for its client in vain is reset, the connection's others go on")
    func streams() async throws {
        try await TestCertificate.make { certificate in
            try await LiveGateway.run(Self.limits, certificate: certificate) { gateway in
                let connection = try await gateway.connect(protocols: ["h2"])
                try await connection.send(Self.preface + Self.openSettings + Self.frame(1, flags: 4, stream: 1, payload: Self.post))
                // Small answers, by `PING`-sized requests, until the first stream is reset.
                let livez: [UInt8] = [0x82, 0x87, 0x44, 6] + Array("/livez".utf8) + [0x41, 9] + Array("localhost".utf8)
                let asking = Task {
                    for number in 1..<80 {
                        try await connection.send(Self.frame(1, flags: 5, stream: UInt32(2 * number + 1), payload: livez))
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                let reset = Self.frame(3, stream: 1).dropFirst(3).prefix(6)
                var received: [UInt8] = []
                for await part in connection.received {
                    received += part.readableBytesView
                    if received.indices.contains(where: { received[$0...].starts(with: reset) }) { break }
                }
                #expect(connection.channel.isActive, "reset, not closed")
                asking.cancel()
                connection.channel.close(promise: nil)
            }
        }
    }

    @Test("where all places are taken, the silent make room and those in use stay")
    func room() async throws {
        var limits = ConnectionLimits(connectionsMax: 40)
        limits.silentTimeMin = .milliseconds(100)
        try await LiveGateway.run(limits) { gateway in
            let request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
            let early = try await gateway.connect()
            try await early.send(request)
            var silent: [LiveConnection] = []
            for _ in 0..<120 { silent.append(try await gateway.connect()) }
            for connection in [early, try await gateway.connect()] {
                try await connection.send(request)
                let last = try await gateway.connect()
                try await last.send("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                var text = ""
                for await part in last.received { text += String(buffer: part) }
                #expect(text.hasPrefix("HTTP/1.1 200"))
                #expect(connection.channel.isActive)
            }
            for connection in silent + [early] { connection.channel.close(promise: nil) }
        }
    }

    @Test(
        "connections leave files to the rest of the process",
        arguments: [(1_000_000, 8192), (8448, 8192), (1024, 768), (512, 256), (64, 32)])
    func files(_ files: Int, _ connections: Int) {
        #expect(OpenFiles.connectionsMax(files: files) == connections)
        #expect(OpenFiles.raiseLimit() >= 256)
    }
}

extension TestCertificate {
    /// Makes one for `body` and removes it afterwards.
    static func make(_ body: (TestCertificate) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "attune-certificate-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = TestCertificate(folder: folder)
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
            + ["-subj", "/CN=localhost", "-out", certificate.certificatePath, "-keyout", certificate.keyPath]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
        try await body(certificate)
    }
}
