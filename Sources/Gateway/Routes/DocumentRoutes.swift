import Hummingbird
import NIOCore

/// What the gateway says of itself.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/openapi.yaml`, `/openapi.json` | none needed |
/// | GET | `/attune.js` | none needed |
/// | GET | `/debug/routes` | none needed |
/// | GET | `/.well-known/gpc.json` | none needed |
struct DocumentRoutes {
    /// Route groups and whether this gateway offers them.
    let groups: [RouteGroup]

    private static let script = SharedDocument(
        PackageResources.attune_js, gzipped: PackageResources.attune_js_gz,
        headers: [
            .contentType: "text/javascript; charset=utf-8", .cacheControl: "public, max-age=3600", .xContentTypeOptions: "nosniff",
            .accessControlAllowOrigin: "*",
        ])
    private static let privacyControlSince = "2026-11-01"
    private static let openAPI = ByteBuffer(bytes: OpenAPIDocument.yaml)
    /// Made when first asked for.
    private static let openAPIJSON = Result { ByteBuffer(bytes: try OpenAPIDocument.json()) }

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("openapi.yaml", use: openAPI)
        routes.get("openapi.json", use: openAPIJSON)
        routes.get("attune.js", use: tracker)
        routes.get("debug/routes", use: debugRoutes)
        routes.get(".well-known/gpc.json", use: globalPrivacyControl)
    }

    private func openAPI(_ request: Request, _ context: GatewayContext) -> Response {
        Self.document(Self.openAPI, type: "application/yaml")
    }

    private func openAPIJSON(_ request: Request, _ context: GatewayContext) throws -> Response {
        Self.document(try Self.openAPIJSON.get(), type: "application/json")
    }

    private static func document(_ content: ByteBuffer, type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "public, max-age=300", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: content))
    }

    private func tracker(_ request: Request, _ context: GatewayContext) -> Response {
        Self.script.response(to: request)
    }

    /// Says that `Sec-GPC: 1` is abided by (Global Privacy Control, "GPC Support Resource").
    private func globalPrivacyControl(_ request: Request, _ context: GatewayContext) -> Response {
        .json(headers: .sharedJSON) { json in
            json.object { json in
                json.member("gpc", true)
                json.member("lastUpdate", Self.privacyControlSince)
            }
        }
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
                json.member("behavioral_profiling_available", true)
            }
        }
    }
}

/// A set of routes that is there or not there as a whole.
struct RouteGroup: Sendable {
    let name: String
    var isAvailable = true
}
