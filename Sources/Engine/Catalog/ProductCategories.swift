import Store
import SwiftProtobuf
import Synchronization

/// The categories of a tenant's products at hand, since every event with a product and without a category asks for one. Bounded.
final class ProductCategories: Sendable {
    private struct State {
        /// Moves with every change of the catalogue: what was read before is not kept behind it.
        var generation: UInt64 = 0
        /// nil: not known.
        var isEmpty: Bool?
        /// By the product's id; nil: there is no such product.
        var known = TwoGenerationCache<[UInt8], String?>(entriesMax: Limits.productCategoriesAtHandMax)
    }

    private let state = Mutex(State())

    /// The category of a product at this moment; nil where the catalogue does not have the product.
    func category(of id: String, in table: Table, now: Timestamp) async throws(EngineError) -> String? {
        let key = Array(id.utf8)
        let (generation, isEmpty, known) = state.withLock { ($0.generation, $0.isEmpty, $0.known.value(key)) }
        if isEmpty ?? false { return nil }
        if let known { return known }
        if isEmpty == nil {
            let first = try await table.firstSort(in: Keyspace.partition(.catalog), prefix: "PRODUCT#", now: now)
            state.withLock { if $0.generation == generation { $0.isEmpty = first == nil } }
            if first == nil { return nil }
        }
        let record = try await table.get(try table.productKey(id), as: ProductRecord.self, now: now)
        let category = record?.value.category
        state.withLock { if $0.generation == generation { $0.known.insert(category, for: key) } }
        return category
    }

    /// To be called once a change of the catalogue is committed, and before it is answered.
    func forgetAll() {
        state.withLock { $0 = State(generation: $0.generation &+ 1) }
    }
}

extension Table {
    func productKey(_ id: String) throws(EngineError) -> Keyspace {
        .product(digest: try digest([Array("product".utf8), Array(id.utf8)]))
    }
}
