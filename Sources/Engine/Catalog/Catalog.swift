import FoundationEssentials
import Store
import SwiftProtobuf

/// A tenant's products.
package struct Catalog: Sendable {
    private let count: ProductCount

    package init(productsMax: Int = Limits.productsPerTenantMax) {
        count = ProductCount(max: productsMax)
    }

    package func product(_ scope: Scope, id: String) async throws(EngineError) -> Versioned<Product> {
        try scope.authorize(.manageCatalog)
        let record = try await scope.tenant.table.get(try key(id, scope), as: ProductRecord.self, now: scope.now)
        guard let record else { throw EngineError(.notFound, "There is no such product.") }
        return Versioned(Product(record.value), version: record.version)
    }

    /// - Returns: whether there was none of that id.
    package func put(_ scope: Scope, _ product: Product, if precondition: Precondition?) async throws(EngineError) -> Versioned<Product> {
        try scope.authorize(.manageCatalog)
        let violations = product.violations()
        guard violations.isEmpty else { throw .invalid(violations) }
        let key = try key(product.id, scope)
        let record = product.record(at: scope.now)
        try await count.begin(scope)
        defer { scope.tenant.productCategories.forgetAll() }
        return try await scope.tenant.table.write([key, .productCounter], now: scope.now) { table throws(EngineError) in
            try precondition?.check(table.version(of: key), scope)
            try count.change(by: table.version(of: key) == 0 ? 1 : 0, in: &table, pointer: "/id")
            try table.put(key, record)
            return Versioned(product, version: table.version)
        }
    }

    /// Puts many, in transactions of a bounded size. Putting them again changes nothing.
    /// - Returns: how many there are of them: of one id there is one.
    @discardableResult
    package func put(_ scope: Scope, _ products: [Product]) async throws(EngineError) -> Int {
        try scope.authorize(.manageCatalog)
        var violations: [EngineError.Violation] = []
        for (place, product) in products.enumerated() where violations.count < Limits.playbookViolationsMax {
            violations += product.violations(at: "/products/\(place)")
        }
        guard violations.isEmpty else { throw .invalid(violations) }
        // The last of one id wins.
        var records: [[UInt8]: ProductRecord] = [:]
        for product in products { records[Array(product.id.utf8)] = product.record(at: scope.now) }
        let entries = try records.values.map { record throws(EngineError) in (try scope.tenant.table.productKey(record.id), record) }
        try await count.begin(scope)
        try await count.require(room: entries.map(\.0), scope)
        defer { scope.tenant.productCategories.forgetAll() }
        let size = StoreLimits.itemsPerTransactionMax - 1
        for start in stride(from: 0, to: entries.count, by: size) {
            let some = entries[start..<min(start + size, entries.count)]
            try await scope.tenant.table.write(some.map(\.0) + [.productCounter], now: scope.now) { table throws(EngineError) in
                try count.change(by: some.count { table.version(of: $0.0) == 0 }, in: &table, pointer: "/products")
                for (key, record) in some { try table.put(key, record) }
            }
        }
        return entries.count
    }

    package func delete(_ scope: Scope, id: String) async throws(EngineError) {
        try scope.authorize(.manageCatalog)
        let key = try key(id, scope)
        try await count.begin(scope)
        defer { scope.tenant.productCategories.forgetAll() }
        try await scope.tenant.table.write([key, .productCounter], now: scope.now) { table throws(EngineError) in
            guard table.version(of: key) != 0 else { throw EngineError(.notFound, "There is no such product.") }
            try count.change(by: -1, in: &table, pointer: "/id")
            table.delete(key)
        }
    }

    /// A page of the products.
    /// - Parameter cursor: as the page before gave it.
    package func products(
        _ scope: Scope, limit: Int, cursor: String?
    ) async throws(EngineError) -> (products: [Product], nextCursor: String?) {
        try scope.authorize(.manageCatalog)
        let prefix = "PRODUCT#"
        if let cursor, !cursor.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) || cursor.utf8.count > 64 {
            throw .invalid("/cursor", "is not one that was given out")
        }
        let page = try await scope.tenant.table.page(
            in: Keyspace.partition(.catalog), prefix: prefix, after: cursor.map { prefix + $0 }, limit: limit, now: scope.now)
        let products = try page.map { item throws(EngineError) in Product(try ProductRecord(stored: item.item.payload)) }
        let next = page.count == limit ? page.last.map { String(decoding: $0.sort.dropFirst(prefix.utf8.count), as: UTF8.self) } : nil
        return (products, next)
    }

    private func key(_ id: String, _ scope: Scope) throws(EngineError) -> Keyspace {
        guard Product.isID(id) else { throw .invalid("/id", "must be 1 to 256 bytes, without control characters") }
        return try scope.tenant.table.productKey(id)
    }
}

/// The stored form of a product.
extension Product {
    init(_ record: ProductRecord) {
        self.init(
            id: record.id, name: record.name, category: record.category, price: record.hasPrice ? record.price : nil,
            tags: record.tags, attributes: Array(record.attributes), isAvailable: record.isAvailable)
    }

    func record(at now: Timestamp) -> ProductRecord {
        ProductRecord.with { record in
            record.id = id
            record.name = name
            record.category = category
            if let price { record.price = price }
            record.tags = tags
            record.attributes = Data(attributes)
            record.isAvailable = isAvailable
            record.updatedAt = now.milliseconds
        }
    }
}
