import Store
import SwiftProtobuf

/// How many products a tenant has, and that they are not too many. Counted in the transaction that puts or deletes one.
struct ProductCount: Sendable {
    private let max: Int

    init(max: Int) {
        self.max = max
    }

    /// To be called before the first change: counts what was put before there was a counter.
    func begin(_ scope: Scope) async throws(EngineError) {
        let table = scope.tenant.table
        guard try await table.get(.productCounter, as: ProductCounterRecord.self, now: scope.now) == nil else { return }
        var products: UInt64 = 0
        try await table.forEachItem(in: Keyspace.partition(.catalog), prefix: "PRODUCT#", now: scope.now) { _ in products += 1 }
        let counted = ProductCounterRecord.with { $0.products = products }
        try await table.write([.productCounter], now: scope.now) { table throws(EngineError) in
            // Whoever changes anything has been here before.
            if table.version(of: .productCounter) == 0 { try table.put(.productCounter, counted) }
        }
    }

    /// - Throws: `.invalid` where those of the keys that are new do not fit: nothing of them is to be stored.
    func require(room keys: [Keyspace], _ scope: Scope) async throws(EngineError) {
        let record = try await scope.tenant.table.get(.productCounter, as: ProductCounterRecord.self, now: scope.now)
        let present = Int(clamping: record?.value.products ?? 0)
        guard present + keys.count > max else { return }
        var added = 0
        for start in stride(from: 0, to: keys.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(keys[start..<min(start + StoreLimits.itemsPerTransactionMax, keys.count)])
            added += try await scope.tenant.table.items(some, now: scope.now).count { $0 == nil }
        }
        guard present + added <= max else { throw refusal("/products") }
    }

    /// - Throws: `.invalid` where there would be too many.
    func change(by difference: Int, in table: inout TableDraft, pointer: String) throws(EngineError) {
        guard difference != 0 else { return }
        var counter = try table.get(.productCounter, as: ProductCounterRecord.self) ?? ProductCounterRecord()
        let products = Int(clamping: counter.products) + difference
        guard difference < 0 || products <= max else { throw refusal(pointer) }
        counter.products = UInt64(clamping: products)
        try table.put(.productCounter, counter)
    }

    private func refusal(_ pointer: String) -> EngineError {
        .invalid(pointer, "is one product too many: a tenant has at most \(max)")
    }
}
