import HTTPTypes
import Hummingbird
import NIOCore

/// The pages' style sheet and script. Their content's hash is in their path, so they may be kept for ever.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/assets/{file}` | none needed |
struct PageAssets {
    struct Asset: Sendable {
        let file: String
        let contentType: String
        let content: ByteBuffer

        var path: String { "/assets/\(file)" }

        init(_ bytes: [UInt8], name: String, type: String, contentType: String) {
            file = "\(name).\(ContentTag.text(of: bytes)).\(type)"
            self.contentType = contentType
            content = ByteBuffer(bytes: bytes)
        }
    }

    static let stylesheet = Asset(PackageResources.pages_css, name: "attune", type: "css", contentType: "text/css; charset=utf-8")
    static let script = Asset(PackageResources.pages_js, name: "attune", type: "js", contentType: "text/javascript; charset=utf-8")

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("assets/{file}", use: asset)
    }

    private func asset(_ request: Request, _ context: GatewayContext) throws -> Response {
        guard let file = context.parameters["file"], let asset = [Self.stylesheet, Self.script].first(where: { $0.file == file }) else {
            throw Problem.notFound
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: asset.contentType, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: asset.content))
    }
}
