import Engine
import FoundationEssentials
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

/// A gateway over an engine on a folder of its own, with the tenants `acme` and `other`.
struct TestGateway {
    let application: any ApplicationProtocol
    let engine: AttuneEngine
    let metrics: MetricsRegistry
    let secretKey: String
    let publishableKey: String
    let otherSecretKey: String

    /// Runs `body` with a client and removes the folder afterwards.
    static func run(
        rateLimitPerMinute: Int = 0, eventRateLimitPerKey: Int = 0,
        _ body: @escaping @Sendable (TestGateway, any TestClientProtocol) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "attune-gateway-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = try await AttuneEngine.open(
            AttuneEngine.Configuration(dataPath: folder.path(percentEncoded: false), publicURL: "http://127.0.0.1:8080"))
        let configuration = GatewayConfiguration(rateLimitPerMinute: rateLimitPerMinute, eventRateLimitPerKey: eventRateLimitPerKey)
        let gateway = try await TestGateway(engine: engine, configuration)
        do {
            try await gateway.test { try await body(gateway, $0) }
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }

    private init(engine: AttuneEngine, _ configuration: GatewayConfiguration) async throws {
        self.engine = engine
        metrics = MetricsRegistry()
        let readiness = Readiness()
        readiness.beginServing()
        var logger = Logger(label: "gateway-tests")
        logger.logLevel = .critical
        application = try buildApplication(
            engine: engine, configuration: configuration, readiness: readiness, metrics: metrics, logger: logger)
        try await Self.createTenant("acme", engine)
        try await Self.createTenant("other", engine)
        secretKey = try await Self.createKey("secret", "acme", engine)
        publishableKey = try await Self.createKey("publishable", "acme", engine)
        otherSecretKey = try await Self.createKey("secret", "other", engine)
    }

    private func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        func open<App: ApplicationProtocol>(_ application: App) async throws {
            try await application.test(.router) { try await body($0) }
        }
        try await open(application)
    }

    // MARK: Operations

    private struct Reply: Decodable {
        struct Answer: Decodable { let key: String? }
        let answer: Answer
    }

    /// Performs an operation as commands beside the server do.
    func operate(_ json: String) async throws {
        _ = await engine.operations.perform(json: Array(json.utf8), logger: Logger(label: "gateway-tests"))
    }

    private static func createTenant(_ name: String, _ engine: AttuneEngine) async throws {
        _ = try await perform(
            #"{"operation":"tenant.create","arguments":{"name":"\#(name)","isConsentOptIn":false,"grants":[]}}"#, engine)
    }

    private static func createKey(_ kind: String, _ tenant: String, _ engine: AttuneEngine) async throws -> String {
        let reply = try await perform(
            #"{"operation":"key.create","arguments":{"tenant":"\#(tenant)","kind":"\#(kind)","label":"","origins":[]}}"#, engine)
        return try #require(reply.answer.key)
    }

    private static func perform(_ json: String, _ engine: AttuneEngine) async throws -> Reply {
        let reply = await engine.operations.perform(json: Array(json.utf8), logger: Logger(label: "gateway-tests"))
        return try JSONDecoder().decode(Reply.self, from: Data(reply))
    }
}

extension TestClientProtocol {
    /// Sends a request; a body is JSON unless `headers` say otherwise.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, key: String? = nil, json: String? = nil, headers: [(HTTPField.Name, String)] = []
    ) async throws -> TestResponse {
        var fields = HTTPFields()
        if let key { fields[.authorization] = "Bearer \(key)" }
        if json != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers { fields[name] = value }
        return try await execute(uri: uri, method: method, headers: fields, body: json.map { ByteBuffer(string: $0) }) { $0 }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func field(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// The pointers of a problem's `errors`.
    var pointers: [String] {
        get throws {
            struct Document: Decodable {
                struct Violation: Decodable { let pointer: String }
                let errors: [Violation]?
            }
            return try JSONDecoder().decode(Document.self, from: Data(body.readableBytesView)).errors?.map(\.pointer) ?? []
        }
    }
}
