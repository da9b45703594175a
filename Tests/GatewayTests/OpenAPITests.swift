import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

/// The document that `/openapi.yaml` serves against the routes that there are.
@Suite("OpenAPI document")
struct OpenAPITests {
    private static let methods: Set<String> = ["get", "put", "post", "delete", "patch", "options", "head", "trace"]

    /// `GET /livez` and so on, read by indentation: paths have two blanks before them, methods four.
    private func operations(in document: String) -> Set<String> {
        var operations: Set<String> = []
        var isInPaths = false
        var path = ""
        for line in document.split(separator: "\n") {
            if !line.hasPrefix(" ") { isInPaths = line == "paths:" }
            guard isInPaths, line.hasSuffix(":") else { continue }
            if line.hasPrefix("  /") {
                path = String(line.dropFirst(2).dropLast())
            } else if line.hasPrefix("    "), Self.methods.contains(String(line.dropFirst(4).dropLast())) {
                operations.insert("\(line.dropFirst(4).dropLast().uppercased()) \(path)")
            }
        }
        return operations
    }

    @Test("describes every route and no other")
    func routes() async throws {
        try await TestGateway.run { gateway, client in
            let router = buildRouter(
                engine: gateway.engine, configuration: GatewayConfiguration(), readiness: Readiness(), metrics: MetricsRegistry())
            let routes = Set(router.routes.map { "\($0.method.rawValue) \($0.path.description)" })
            let described = operations(in: try await client.send(.get, "/openapi.yaml").text)
            #expect(routes.subtracting(described).isEmpty, "not described")
            #expect(described.subtracting(routes).isEmpty, "described and not there")
            #expect(routes.count > 20)
        }
    }
}
