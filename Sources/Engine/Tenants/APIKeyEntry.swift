import AttuneCrypto
import Store
import Synchronization
import Tokens

/// An API key as the running engine has it. The secret is not among it, only its authentication code.
final class APIKeyEntry: Sendable {
    struct State: Sendable {
        var record: Versioned<APIKeyRecord>
        /// Whether `record.lastUsedAt` is newer than what is stored.
        var isUsedSinceStored = false
        /// Whether the log says that the key is revoked, and the stored record does not.
        var contradictsLog: Bool
    }

    let tenant: Tenant
    let kind: APIKeyKind
    let id: String
    /// Whoever shows the key; made once, since every request with it has one.
    let principal: Principal
    private let secretCode: [UInt8]
    let state: Mutex<State>

    init(tenant: Tenant, record: Versioned<APIKeyRecord>, contradictsLog: Bool = false) {
        self.tenant = tenant
        kind = APIKeyKind(record.value.kind)
        id = record.value.id
        principal = Principal(tenant: tenant.name, kind: .key(kind), credentialID: id)
        secretCode = Array(record.value.secretCode)
        state = Mutex(State(record: record, contradictsLog: contradictsLog))
    }

    /// Whether the key is this one and good at that moment; notes the use.
    func admits(_ key: APIKey, code: [UInt8], now: Timestamp) -> Bool {
        guard key.kind == kind, ConstantTime.areEqual(code, secretCode) else { return false }
        return state.withLock { state in
            guard state.record.value.isGood(at: now) else { return false }
            state.record.value.lastUsedAt = now.milliseconds
            state.isUsedSinceStored = true
            return true
        }
    }

    /// Notes a use by what stands for the key: a session.
    func noteUse(now: Timestamp) {
        state.withLock { state in
            state.record.value.lastUsedAt = max(state.record.value.lastUsedAt, now.milliseconds)
            state.isUsedSinceStored = true
        }
    }

    var contradictsLog: Bool { state.withLock { $0.contradictsLog } }

    var record: APIKeyRecord { state.withLock { $0.record.value } }
}

extension APIKeyRecord {
    /// Whether the key is neither revoked nor ended.
    func isGood(at now: Timestamp) -> Bool {
        !hasRevokedAt && (!hasExpiresAt || now.milliseconds < expiresAt)
    }
}

extension APIKeyKind {
    init(_ kind: APIKeyRecord.Kind) {
        switch kind {
        case .secret: self = .secret
        // A kind that this program does not know may do the least.
        case .publishable, .UNRECOGNIZED: self = .publishable
        case .privacy: self = .privacy
        }
    }

    var recorded: APIKeyRecord.Kind {
        switch self {
        case .secret: .secret
        case .publishable: .publishable
        case .privacy: .privacy
        }
    }
}
