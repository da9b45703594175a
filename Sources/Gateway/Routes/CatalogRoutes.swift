import Engine
import Hummingbird
import NIOCore

/// A tenant's products.
///
/// | method | path under `/api/catalog/products` | permission |
/// | --- | --- | --- |
/// | GET | | manageCatalog |
/// | POST | `/batch` | manageCatalog |
/// | GET, PUT, DELETE | `/{productId}` | manageCatalog |
struct CatalogRoutes {
    private let catalog: Catalog
    private let idempotency: Idempotency

    init(_ engine: AttuneEngine) {
        catalog = engine.catalog
        idempotency = engine.idempotency
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/catalog/products")
            .get(use: list)
            .post("batch", use: batch)
            .get("{productId}", use: product)
            .put("{productId}", use: put)
            .delete("{productId}", use: delete)
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let page = try await catalog.products(
            context.scope, limit: query.integer("limit", default: 100, in: 1...GatewayLimits.listEntriesMax), cursor: query.text("cursor"))
        return .json(capacityBytes: 64 + page.products.count * 256) { json in
            json.object { json in
                json.member("items", of: page.products) { $1.write(to: &$0) }
                json.key("nextCursor")
                if let cursor = page.nextCursor { json.value(cursor) } else { json.null() }
            }
        }
    }

    private func product(_ request: Request, _ context: TenantContext) async throws -> Response {
        let product = try await catalog.product(context.scope, id: try context.productID())
        let tag = context.scope.entityTag(product.version)
        if EntityTag.isUnmodified(tag, headers: request.headers) { return .notModified(tag) }
        return .json(tag: tag) { product.value.write(to: &$0) }
    }

    private func put(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageCatalog)
        let id = try context.productID()
        let content = try await request.jsonContent()
        guard let tape = JSONTape(Array(content.readableBytesView)) else { throw Problem.malformedJSON }
        let product = try Product(json: tape.root, id: id, pointer: "")
        let stored = try await catalog.put(context.scope, product, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(stored.version)) { stored.value.write(to: &$0) }
    }

    private func delete(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await catalog.delete(context.scope, id: try context.productID())
        return .noContent
    }

    /// Putting products again changes nothing: what the key does is that the first answer is given again.
    private func batch(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageCatalog)
        let content = Array(try await request.jsonContent().readableBytesView)
        return try await IdempotentCall.once(request, context.scope, about: nil, content, idempotency) { scope in
            let stored = try await store(content, scope)
            return KeptAnswer(.ok) { json in json.object { $0.member("stored", stored) } }
        }
    }

    private func store(_ content: [UInt8], _ scope: Scope) async throws -> Int {
        guard let tape = JSONTape(content) else { throw Problem.malformedJSON }
        guard let list = tape.root.member("products"), list.kind == .array else {
            throw EngineError.invalid("/products", "must be an array")
        }
        let views = list.elements
        guard views.count <= Limits.productsPerBatchMax else { throw EngineError.invalid("/products", "must hold at most 1000 products") }
        let products = try views.enumerated().map { try Product(json: $1, id: nil, pointer: "/products/\($0)") }
        return try await catalog.put(scope, products)
    }
}

extension TenantContext {
    fileprivate func productID() throws -> String {
        let bytes = PercentDecoding.decode((coreContext.parameters["productId"] ?? "").utf8)
        guard let bytes, let id = String(validating: bytes, as: UTF8.self) else {
            throw EngineError.invalid("/productId", "holds a broken percent escape or is not UTF-8")
        }
        return id
    }
}

extension Product {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("id", id)
            json.member("name", name)
            json.member("category", category)
            json.key("price")
            if let price { json.value(price) } else { json.null() }
            json.member("tags", tags)
            json.key("attributes")
            json.raw(attributes.isEmpty ? Array("{}".utf8) : attributes)
            json.member("available", isAvailable)
        }
    }
}
