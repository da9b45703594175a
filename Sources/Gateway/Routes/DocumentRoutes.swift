import Hummingbird
import NIOCore

/// What the gateway says of itself.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/openapi.yaml` | none needed |
/// | GET | `/debug/routes` | none needed |
struct DocumentRoutes {
    /// Route groups and whether this gateway offers them.
    let groups: [RouteGroup]

    private static let openAPI = ByteBuffer(bytes: OpenAPIDocument.yaml)

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("openapi.yaml", use: openAPI)
        routes.get("debug/routes", use: debugRoutes)
    }

    private func openAPI(_ request: Request, _ context: GatewayContext) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/yaml", .cacheControl: "public, max-age=300", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: Self.openAPI))
    }

    private func debugRoutes(_ request: Request, _ context: GatewayContext) -> Response {
        .json { json in
            json.object { json in
                json.member("groups", of: groups) { json, group in
                    json.object {
                        $0.member("group", group.name)
                        $0.member("available", group.isAvailable)
                    }
                }
            }
        }
    }
}

/// A set of routes that is there or not there as a whole.
struct RouteGroup: Sendable {
    let name: String
    var isAvailable = true
}
