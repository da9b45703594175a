import FoundationEssentials
import Tokens

/// Something that was done, as it goes into a tenant's log: no personal data, no secret.
struct AuditEntry: Sendable {
    let action: String
    /// Who did it: a key's id, or that a user or an operator did.
    let actor: String
    let at: Timestamp
    /// JSON; what is hashed.
    let leaf: [UInt8]

    /// A plain entry.
    /// - Parameter object: what it was done to, such as a key's id; never a user's.
    init(_ action: String, object: String? = nil, by actor: String, in tenant: TenantName, at: Timestamp) throws(EngineError) {
        let leaf = Leaf(action: action, actor: actor, at: at.rfc3339, object: object, tenant: tenant.text)
        self.init(action, by: actor, at: at, leaf: try CanonicalJSON.encode(leaf))
    }

    /// An entry about a user.
    /// - Parameters:
    ///   - id: of the receipt that there will be; nil: there will be none.
    ///   - subject: keyed digest of the user's id.
    init(
        _ action: String, id: String? = nil, subject: String, by actor: String, in tenant: TenantName, at: Timestamp
    ) throws(EngineError) {
        let leaf = Leaf(action: action, actor: actor, at: at.rfc3339, id: id, subject: subject, tenant: tenant.text)
        self.init(action, by: actor, at: at, leaf: try CanonicalJSON.encode(leaf))
    }

    init(_ action: String, by actor: String, at: Timestamp, leaf: [UInt8]) {
        self.action = action
        self.actor = actor
        self.at = at
        self.leaf = leaf
    }

    private struct Leaf: Encodable {
        let action: String
        let actor: String
        let at: String
        var id: String?
        var object: String?
        var subject: String?
        let tenant: String
    }
}

/// JSON whose bytes follow from its content, to be hashed and signed.
enum CanonicalJSON {
    static func encode(_ value: some Encodable) throws(EngineError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw EngineError(.internalError, "An entry of the log could not be written.")
        }
    }
}

extension Tenant {
    /// Notes what was done to something that lies outside the tenant's part of the table, before it is done.
    func note(_ action: String, object: String? = nil, by actor: String, now: Timestamp) async throws(EngineError) {
        let entry = try AuditEntry(action, object: object, by: actor, in: name, at: now)
        try await AuditLog(tenant: self).append(entry, now: now)
    }
}

extension Principal {
    /// Names an operator at the command line.
    static let consoleActor = "operator"

    /// Names the credential in the log; of a user's token not whose it is.
    var actor: String {
        switch kind {
        case .key(let kind): "\(kind.rawValue)-key:\(credentialID)"
        case .user: "user-token"
        case .operatorConsole: Self.consoleActor
        }
    }
}
