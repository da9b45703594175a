import FoundationEssentials
import Store
import SwiftProtobuf

/// A tenant's append-only log of what was done, a Merkle tree (RFC 9162): the leaves, and the roots of its complete subtrees, so that
/// appending and proving read and write as many items as the tree is high.
struct AuditLog: Sendable {
    let tenant: Tenant
    /// Whether an erasure writes to it, which a full store does not stop.
    var isErasing = false

    private var table: Table { isErasing ? tenant.table.erasing : tenant.table }

    /// Adds an entry, in one transaction with what else `body` does.
    /// - Parameter keys: items that `body` needs.
    /// - Returns: the entry's index.
    @discardableResult
    func append(
        _ entry: AuditEntry, now: Timestamp, with keys: [Keyspace] = [],
        _ body: @escaping @Sendable (inout IntakeDraft, _ index: UInt64) throws(IntakeDraft.Interruption) -> Void = { _, _ in }
    ) async throws(EngineError) -> UInt64 {
        try await appending(entry, now: now, with: keys) { draft, index throws(IntakeDraft.Interruption) in
            try body(&draft, index)
            return index
        }
    }

    /// Changes items, as `Table.write` does, with the entry of it in the same transaction: what is done is in the log, and what is not is
    /// not.
    func write<Output: Sendable>(
        _ keys: [Keyspace], noting entry: AuditEntry, now: Timestamp,
        _ body: @escaping @Sendable (inout TableDraft) throws(EngineError) -> Output
    ) async throws(EngineError) -> Output {
        try await appending(entry, now: now, with: keys) { draft, _ throws(IntakeDraft.Interruption) in try draft.change(body) }
    }

    private func appending<Output: Sendable>(
        _ entry: AuditEntry, now: Timestamp, with keys: [Keyspace],
        _ body: @escaping @Sendable (inout IntakeDraft, _ index: UInt64) throws(IntakeDraft.Interruption) -> Output
    ) async throws(EngineError) -> Output {
        let record = AuditLeafRecord.with {
            $0.leaf = Data(entry.leaf)
            $0.at = entry.at.milliseconds
            $0.action = entry.action
            $0.actor = entry.actor
        }
        // One after another: each has to know where the log ends.
        return try await tenant.auditTurn.take { () async throws(EngineError) in
            while true {
                let place = try await frontier(now: now)
                let own: [Keyspace] = [.auditHead, .auditLeaf(place.size)] + place.completedByNext.map { .auditNode($0) }
                let output = try await table.writeFinding(own + keys, now: now) { draft throws(IntakeDraft.Interruption) in
                    .commit(try body(&draft, try Self.append(record, to: &draft)))
                }
                // Others than this process have been quicker, again and again.
                if let output { return output }
            }
        }
    }

    static func append(
        _ record: AuditLeafRecord, to draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) -> UInt64 {
        var frontier = try frontier(try draft.get(.auditHead, as: AuditHeadRecord.self))
        let index = frontier.size
        let nodes = frontier.completedByNext.map { Keyspace.auditNode($0) }
        try draft.require([.auditLeaf(index)] + nodes)
        for (node, hash) in zip(nodes, frontier.append(MerkleTree.leafHash(Array(record.leaf)))) {
            try draft.put(node, AuditNodeRecord.with { $0.hash = Data(hash) })
        }
        try draft.put(.auditLeaf(index), record)
        try draft.put(
            .auditHead,
            AuditHeadRecord.with {
                $0.size = frontier.size
                $0.peaks = frontier.peaks.map { Data($0) }
            })
        return index
    }

    private static func frontier(_ record: AuditHeadRecord?) throws(IntakeDraft.Interruption) -> MerkleFrontier {
        guard let frontier = MerkleFrontier(size: record?.size ?? 0, peaks: record?.peaks.map { Array($0) } ?? []) else {
            throw .failed(Self.damaged)
        }
        return frontier
    }

    static let damaged = EngineError(.damaged, "The tenant's log is damaged.")
}

/// Reading and proving.
extension AuditLog {
    func frontier(now: Timestamp) async throws(EngineError) -> MerkleFrontier {
        let head = try await table.get(.auditHead, as: AuditHeadRecord.self, now: now)?.value ?? AuditHeadRecord()
        guard let frontier = MerkleFrontier(size: head.size, peaks: head.peaks.map { Array($0) }) else { throw Self.damaged }
        return frontier
    }

    func leaf(_ index: UInt64, now: Timestamp) async throws(EngineError) -> AuditLeafRecord? {
        try await table.get(.auditLeaf(index), as: AuditLeafRecord.self, now: now)?.value
    }

    /// Entries from an index on, at most `limit`.
    func leaves(from start: UInt64, limit: Int, now: Timestamp) async throws(EngineError) -> [AuditLeafRecord] {
        let end = min(try await frontier(now: now).size, start.addingReportingOverflow(UInt64(limit)).partialValue)
        guard start < end else { return [] }
        var leaves: [AuditLeafRecord] = []
        for item in try await table.items((start..<end).map { .auditLeaf($0) }, now: now) {
            guard let item else { throw Self.damaged }
            leaves.append(try item.record(as: AuditLeafRecord.self))
        }
        return leaves
    }

    /// Roots of subtrees.
    func hashes(of ranges: [Range<UInt64>], now: Timestamp) async throws(EngineError) -> [MerkleTree.Hash] {
        let nodes = ranges.map { MerkleTree.nodes(of: $0) }
        let keys = nodes.joined().map { $0.level == 0 ? Keyspace.auditLeaf($0.index) : .auditNode($0) }
        guard !keys.isEmpty else { return ranges.map { _ in MerkleTree.emptyRoot } }
        var found: [MerkleTree.Hash] = []
        for (key, item) in zip(keys, try await table.items(keys, now: now)) {
            guard let item else { throw Self.damaged }
            if case .auditLeaf = key {
                found.append(MerkleTree.leafHash(Array(try item.record(as: AuditLeafRecord.self).leaf)))
            } else {
                found.append(Array(try item.record(as: AuditNodeRecord.self).hash))
            }
        }
        var rest = found[...]
        return nodes.map { nodes in
            defer { rest = rest.dropFirst(nodes.count) }
            return MerkleTree.root(of: Array(rest.prefix(nodes.count)))
        }
    }

    /// The root that the log had when it had so many leaves.
    func root(atSize size: UInt64, now: Timestamp) async throws(EngineError) -> MerkleTree.Hash {
        try await hashes(of: [0..<size], now: now)[0]
    }
}
