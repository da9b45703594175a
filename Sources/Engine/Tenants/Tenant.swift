import AttuneCrypto
import Store
import Synchronization
import Tokens

/// A tenant as the running engine has it: its part of the table, and what must be at hand for every call.
final class Tenant: Sendable {
    struct State: Sendable {
        var record: Versioned<TenantRecord>
        /// Token keys in the order of their numbers, oldest first: published, signing, or still verifying.
        var signingKeys: [SigningKey] = []
        /// Keyed digests of revoked tokens' `jti`, with the end of the token's life.
        var revocations: [String: Timestamp] = [:]
        /// Signs proofs; nil only while a tenant is being made.
        var proofKey: Ed25519.PrivateKey?
        /// The playbook, ready for use, with its version; nil until it is first asked for.
        var playbook: Versioned<CompiledPlaybook>?
    }

    let number: TenantNumber
    let name: TenantName
    let table: Table
    let state: Mutex<State>
    let activity = TenantActivity()
    let productCategories = ProductCategories()
    /// Partitions of visitors who have turned out to be users: they are counted and listed as those.
    let joinedVisitors = Mutex(0)
    /// From when on visitors' pasts are to be moved in the background; nil: none waits.
    private let waitingJoins = Mutex<Timestamp?>(nil)
    /// Joins that cannot be moved, and of which it was told.
    let notedJoins = Mutex<Set<VisitorJoin>>([])
    /// Keyed digests of users of whom nothing new is stored.
    let suppressions = Mutex<Set<String>>([])
    /// Requests that hold by what a person is named, each in a partition of its own, which is nobody's.
    let heldIdentities = Mutex<Set<String>>([])
    /// Of who adds to the tenant's log.
    let auditTurn = Turn()
    var shutUsers: ShutUsers { table.shutUsers }

    init(name: TenantName, table: Table, record: Versioned<TenantRecord>) {
        number = table.tenant
        self.name = name
        self.table = table
        state = Mutex(State(record: record))
    }

    func waitForJoins(from moment: Timestamp) {
        waitingJoins.withLock { $0 = min($0 ?? moment, moment) }
    }

    /// Whether visitors' pasts wait to be moved; nobody else is told so.
    func takeWaitingJoins(now: Timestamp) -> Bool {
        waitingJoins.withLock { waiting in
            guard let moment = waiting, moment <= now else { return false }
            waiting = nil
            return true
        }
    }

    /// How many partitions are that of a user who is counted otherwise, or of none.
    var partitionsOfNoUser: Int { joinedVisitors.withLock { $0 } + heldIdentities.withLock { $0.count } }

    var isSuspended: Bool { state.withLock { $0.record.value.isSuspended } }
}

/// A key that signs a tenant's tokens, and when it does what. It is published from its making on.
struct SigningKey: Sendable {
    let number: UInt32
    let signer: AccessTokenSigner
    let publicKey: Ed25519.PublicKey
    let signsFrom: Timestamp
    /// nil: it is the newest.
    var verifiesUntil: Timestamp?

    /// - Parameter secret: the private key, which is the caller's to wipe.
    init(_ record: SigningKeyRecord, secret: [UInt8]) throws(EngineError) {
        guard let key = try? Ed25519.PrivateKey(rawRepresentation: secret) else {
            throw EngineError(.damaged, "A stored signing key cannot be read.")
        }
        self.init(record, key)
    }

    init(_ record: SigningKeyRecord, _ key: Ed25519.PrivateKey) {
        number = record.number
        signer = AccessTokenSigner(key)
        publicKey = key.publicKey
        signsFrom = Timestamp(milliseconds: record.signsFrom)
        verifiesUntil = record.hasVerifiesUntil ? Timestamp(milliseconds: record.verifiesUntil) : nil
    }

    func verifies(at now: Timestamp) -> Bool { verifiesUntil.map { now < $0 } ?? true }
}
