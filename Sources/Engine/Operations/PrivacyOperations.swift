import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// Writes everything that is held of a user into a file.
package struct ExportUser: EngineOperation {
    package static let name = "user.export"
    private let tenant: String
    private let user: String
    private let format: String
    /// Absolute, since the server's working folder is another; nil: it comes with the answer.
    private let path: String?
    /// Whether an id under which nothing is held gets its empty export, too.
    private let isForced: Bool

    package struct Answer: Codable, Sendable {
        package let path: String?
        package let bytes: Int
        package let text: String?
    }

    package init(tenant: String, user: String, format: String, path: String?, isForced: Bool = false) {
        (self.tenant, self.user, self.format, self.path, self.isForced) = (tenant, user, format, path, isForced)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        guard let format = ExportFormat(rawValue: format) else { throw .invalid("/format", "must be json, ndjson or csv") }
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let user = try scope.authorize(.exportUser, for: .user(UserID(user, pointer: "/user")))
        if !isForced, try await scope.holdings(of: user.id).areEmpty { throw Holdings.noneFailure }
        let file = try path.map { path throws(EngineError) in try OutputFile(path: path) }
        var (bytes, text): (Int, [UInt8]) = (0, [])
        var export = try await engine.exports.export(scope, user, format: format)
        while let piece = try await export.next() {
            bytes += piece.count
            if let file { try file.write(piece) } else { text += piece }
        }
        try file?.finish()
        return Answer(path: path, bytes: bytes, text: path == nil ? String(decoding: text, as: UTF8.self) : nil)
    }
}

/// Erases a user.
package struct EraseUser: EngineOperation {
    package static let name = "user.erase"
    private let tenant: String
    private let user: String
    /// Whether an id under which nothing is held gets its receipt, too.
    private let isForced: Bool

    package init(tenant: String, user: String, isForced: Bool = false) {
        (self.tenant, self.user, self.isForced) = (tenant, user, isForced)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Receipt {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let user = try scope.authorize(.eraseUser, for: .user(UserID(user, pointer: "/user")))
        if !isForced, try await !scope.isWorthErasing(user.id) { throw Holdings.noneFailure }
        return try await engine.erasures.erase(scope, user)
    }
}

/// Erases users, some at a time.
package struct EraseUsers: EngineOperation {
    package static let name = "user.erase-many"
    /// How many one call takes: the server's answer shall not keep anybody waiting.
    package static let usersPerCallMax = 50
    private let tenant: String
    private let users: [String]
    /// Whether ids under which nothing is held get their receipts, too.
    private let isForced: Bool

    package struct Answer: Codable, Sendable {
        package struct Erased: Codable, Sendable {
            package let user: String
            package let receiptId: String
        }

        package struct Kept: Codable, Sendable {
            package let user: String
            /// Why: a legal hold, an erasure that is under way, or nothing that is held.
            package let reason: String
        }

        package private(set) var erased: [Erased] = []
        package private(set) var kept: [Kept] = []

        package init() {}

        package mutating func add(_ other: Answer) {
            erased += other.erased
            kept += other.kept
        }

        fileprivate mutating func add(_ user: String, _ result: Result<Receipt, EngineError>) throws(EngineError) {
            switch result {
            case .success(let receipt): erased.append(Erased(user: user, receiptId: receipt.id))
            case .failure(let error):
                guard error.code == .conflict || error == Holdings.noneFailure else { throw error }
                kept.append(Kept(user: user, reason: error.detail))
            }
        }
    }

    package init(tenant: String, users: [String], isForced: Bool = false) {
        (self.tenant, self.users, self.isForced) = (tenant, users, isForced)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        guard users.count <= Self.usersPerCallMax else { throw .invalid("/ids", "are too many for one call") }
        let tenant = try engine.tenant(named: tenant)
        var answer = Answer()
        for start in stride(from: 0, to: users.count, by: Limits.erasuresAtOnceMax) {
            let some = users[start..<min(start + Limits.erasuresAtOnceMax, users.count)]
            let results = await withTaskGroup(of: (String, Result<Receipt, EngineError>).self) { group in
                for user in some { group.addTask { (user, await erase(user, of: tenant, on: engine)) } }
                var results: [(String, Result<Receipt, EngineError>)] = []
                for await result in group { results.append(result) }
                return results
            }
            for (user, result) in results { try answer.add(user, result) }
        }
        return answer
    }

    private func erase(_ user: String, of tenant: Tenant, on engine: AttuneEngine) async -> Result<Receipt, EngineError> {
        let scope = engine.console(for: tenant)
        do throws(EngineError) {
            let user = try scope.authorize(.eraseUser, for: .user(UserID(user, pointer: "/ids")))
            if !isForced, try await !scope.isWorthErasing(user.id) { return .failure(Holdings.noneFailure) }
            return .success(try await engine.erasures.erase(scope, user))
        } catch {
            return .failure(error)
        }
    }
}

/// Takes a person out of the data.
package struct AnonymizeUser: EngineOperation {
    package static let name = "user.anonymize"
    private let tenant: String
    private let user: String

    package init(tenant: String, user: String) {
        (self.tenant, self.user) = (tenant, user)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Receipt {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let user = try scope.authorize(.eraseUser, for: .user(UserID(user, pointer: "/user")))
        return try await engine.erasures.erase(scope, user, .anonymization)
    }
}

/// Whether something holds, and why not.
package struct Verification: Codable, Sendable {
    package let valid: Bool
    package let reason: String?
    /// Entries of the log; 0 where there is none.
    package let treeSize: UInt64

    static func holds(_ treeSize: UInt64) -> Verification { Verification(valid: true, reason: nil, treeSize: treeSize) }

    static func fails(_ reason: String, _ treeSize: UInt64 = 0) -> Verification {
        Verification(valid: false, reason: reason, treeSize: treeSize)
    }
}

/// Checks a receipt of any tenant, also of one that is deleted.
package struct VerifyReceipt: EngineOperation {
    package static let name = "privacy.verify-receipt"
    private let json: String

    package init(json: String) {
        self.json = json
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Verification {
        guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(json.utf8)), let said = receipt.said,
            let name = TenantName(said.tenant)
        else { return .fails("it is no receipt") }
        let now = engine.clock()
        let keys = try await engine.directory.proofKeys(of: name, now: now)
        guard let verified = receipt.verified(by: keys, origin: nil) else {
            return .fails(keys.isEmpty ? "no proof key of that tenant is known here" : "signature, entry or checkpoint do not hold")
        }
        let size = verified.checkpoint.treeSize
        // Of a deleted tenant there is no log to compare with.
        guard let tenant = engine.directory.tenant(name), tenant.hasSigned(receipt) else { return .holds(size) }
        let proofs = engine.audit.proofs(engine.console(for: tenant))
        return try await proofs.contains(verified.checkpoint) ? .holds(size) : .fails("the log no longer contains its checkpoint", size)
    }
}

/// Checks a tenant's log entry by entry, and that it contains a checkpoint kept earlier.
package struct VerifyAudit: EngineOperation {
    package static let name = "privacy.audit-verify"
    private let tenant: String
    private let checkpoint: String?

    /// - Parameter checkpoint: the JSON of a checkpoint, of a page of the log or of a receipt.
    package init(tenant: String, checkpoint: String?) {
        (self.tenant, self.checkpoint) = (tenant, checkpoint)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Verification {
        let tenant = try engine.tenant(named: tenant)
        let now = engine.clock()
        let log = AuditLog(tenant: tenant)
        let head: MerkleFrontier
        do throws(EngineError) {
            head = try await log.frontier(now: now)
            if let fault = try await fault(in: log, head, now: now) { return .fails(fault, head.size) }
        } catch {
            guard error.code == .damaged else { throw error }
            return .fails("an entry is damaged or missing")
        }
        if let id = engine.directory.keysAgainstLog(of: tenant).first {
            return .fails("the record of key \(id) contradicts the log, which says that the key was revoked or replaced", head.size)
        }
        guard let checkpoint else { return .holds(head.size) }
        guard let document = Self.document(checkpoint) else { throw .invalid("/checkpoint", "must hold a checkpoint or a receipt") }
        let keys = try await engine.directory.proofKeys(of: tenant.name, now: now)
        guard let kept = document.verifiedCheckpoint(by: keys) else { return .fails("the checkpoint is not of this tenant", head.size) }
        return try await engine.audit.proofs(engine.console(for: tenant)).contains(kept)
            ? .holds(head.size) : .fails("the log no longer contains the checkpoint", head.size)
    }

    private func fault(in log: AuditLog, _ head: MerkleFrontier, now: Timestamp) async throws(EngineError) -> String? {
        guard var grown = MerkleFrontier() else { return nil }
        while grown.size < head.size {
            let leaves = try await log.leaves(from: grown.size, limit: Limits.auditEntriesPerPageMax, now: now)
            guard !leaves.isEmpty else { return "entries are missing" }
            for leaf in leaves {
                let nodes = grown.completedByNext
                let hashes = grown.append(MerkleTree.leafHash(Array(leaf.leaf)))
                for (node, hash) in zip(nodes, hashes) {
                    let stored = try await log.tenant.table.get(.auditNode(node), as: AuditNodeRecord.self, now: now)?.value.hash
                    guard stored?.elementsEqual(hash) ?? false else { return "the tree is not that of the entries" }
                }
            }
        }
        return grown == head ? nil : "the tree is not that of the entries"
    }

    private static func document(_ json: String) -> SignedDocument? {
        struct Holder: Decodable {
            struct Proof: Decodable { let checkpoint: SignedDocument }
            let log: Proof?
            let checkpoint: SignedDocument?
        }
        let data = Data(json.utf8)
        let holder = try? JSONDecoder().decode(Holder.self, from: data)
        return holder?.log?.checkpoint ?? holder?.checkpoint ?? (try? JSONDecoder().decode(SignedDocument.self, from: data))
    }
}

/// The register of requests of data subjects, the newest first.
package struct ListPrivacyRequests: EngineOperation {
    package static let name = "privacy.requests"
    private let tenant: String
    private let openOnly: Bool

    package init(tenant: String, openOnly: Bool) {
        (self.tenant, self.openOnly) = (tenant, openOnly)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> [DataRequestDocument] {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        var (requests, cursor): ([DataRequestDocument], String?) = ([], nil)
        repeat {
            let page = try await engine.requests.page(scope, limit: Limits.requestsPerPageMax, cursor: cursor, openOnly: openOnly)
            requests += page.items
            cursor = page.nextCursor
        } while cursor != nil
        return requests
    }
}
