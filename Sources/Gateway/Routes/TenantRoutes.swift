import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The tenant as a whole.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | POST | `/api/tenant/export` (changes nothing but the log) | manageTenant |
/// | DELETE | `/api/tenant` | manageTenant |
struct TenantRoutes {
    private let engine: AttuneEngine

    init(_ engine: AttuneEngine) {
        self.engine = engine
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.post("api/tenant/export", use: export)
        routes.delete("api/tenant", use: erase)
    }

    private func export(_ request: Request, _ context: TenantContext) async throws -> Response {
        let export = try await engine.tenantExports.export(context.scope)
        var headers = HTTPFields.privateEmpty
        headers[.contentType] = "application/x-ndjson"
        headers[.contentDisposition] = "attachment; filename=\"tenant.ndjson\""
        headers[.receiptID] = export.receiptID
        return Response(status: .ok, headers: headers, body: ResponseBody(export))
    }

    private func erase(_ request: Request, _ context: TenantContext) async throws -> Response {
        try .encoded(try await engine.tenantErasures.erase(context.scope))
    }
}

extension ResponseBody {
    /// Written as it is read: an export is larger than memory should be.
    fileprivate init(_ export: TenantExport) {
        self.init { writer in
            var export = export
            while let piece = try await export.next() { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
        }
    }
}
