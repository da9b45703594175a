import FoundationEssentials
import Store
import SwiftProtobuf

/// Writes everything that a tenant has into a file of JSON lines, one item each, under its logical key.
package struct ExportTenant: EngineOperation {
    package static let name = "tenant.export"
    private let tenant: String
    /// Absolute, since the server's working folder is another.
    private let path: String

    package struct Answer: Codable, Sendable {
        package let tenant: String
        package let path: String
        package let items: Int
        /// Of an entry of the tenant's log.
        package let receipt: Receipt
    }

    package init(tenant: String, path: String) {
        self.tenant = tenant
        self.path = path
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let tenant = try engine.tenant(named: tenant)
        let file = try OutputFile(path: path)
        let (scope, id) = (engine.console(for: tenant), ReceiptPayload.newID())
        try await tenant.note("tenant-export-requested", object: id, by: scope.principal.actor, now: scope.now)
        var items = 0
        var last: PartitionAddress?
        while true {
            let page: [PartitionAddress]
            do {
                page = try engine.store.partitions(of: tenant.number, after: last, limit: StoreLimits.itemsPerQueryMax)
            } catch {
                throw EngineError(error)
            }
            for address in page { items += try await export(address, of: tenant, on: engine, to: file) }
            guard let end = page.last else { break }
            last = end
        }
        try file.finish()
        let payload = ReceiptPayload(
            id: id, tenant: tenant.name.text, action: "tenant-export", subject: try tenant.subjectDigest,
            requestedAt: scope.now.rfc3339, completedAt: engine.clock().rfc3339, counts: ["Item": UInt64(items)])
        let index = try await AuditLog(tenant: tenant).append(payload, by: scope.principal.actor, now: engine.clock())
        let receipt = try await engine.audit.proofs(scope).receipt(id: id, at: index)
        return Answer(tenant: tenant.name.text, path: path, items: items, receipt: receipt)
    }

    private func export(
        _ address: PartitionAddress, of tenant: Tenant, on engine: AttuneEngine, to file: OutputFile
    ) async throws(EngineError) -> Int {
        let census: LMDBEngine.Census?
        do {
            census = try engine.store.census(of: address)
        } catch {
            throw EngineError(error)
        }
        // What the vault does not know is the rest of an earlier life.
        guard let census else { return 0 }
        guard let name = census.name else { throw EngineError(.damaged, "A partition's header is damaged.") }
        var items = 0
        try await tenant.table.forEachItem(in: name, prefix: "", now: engine.clock()) { found throws(EngineError) in
            guard let line = try ExportLine(partition: name, found) else { return }
            try file.write(line.bytes)
            items += 1
        }
        return items
    }
}

/// One item of an export.
struct ExportLine {
    let bytes: [UInt8]

    /// - Returns: nil for a secret of ours.
    /// - Throws: `.internalError` for a type of item that this version does not know: an export has everything, or is none.
    init?(partition: [UInt8], _ found: QueriedItem) throws(EngineError) {
        guard let type = EntityType(rawValue: found.item.entityType) else {
            throw EngineError(.internalError, "An item is of a type that this version cannot export.")
        }
        guard let record = type.exportedRecord else { return nil }
        do {
            let record = try record.init(serializedBytes: found.item.payload)
            let key = ["PK": String(decoding: partition, as: UTF8.self), "SK": String(decoding: found.sort, as: UTF8.self)]
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let head = try encoder.encode(key.merging(["entityType": found.item.entityType]) { first, _ in first })
            bytes = Array(head.dropLast()) + Array(#","record":"#.utf8) + (try record.jsonUTF8Bytes() as [UInt8]) + Array("}\n".utf8)
        } catch {
            throw EngineError(.damaged, "A stored record cannot be read.")
        }
    }
}
