import FoundationEssentials
import Logging
import Store
import SwiftProtobuf
import Synchronization

/// Erases users: all that is held of them, joined visitors and what was derived included.
///
/// One call and a job of bounded commits (see `ErasureRun`). The first makes the user unreadable and writes the erasure down; killed at
/// any point after it, the job is finished at the next start.
package final class Erasures: Sendable {
    /// Points at which an erasure stands on disk.
    package enum Step: String, Sendable, CaseIterable {
        case requested, counted, uncounted, destroyed, swept, completed
    }

    package enum Action: String, Sendable {
        case erasure
        /// The person goes for good; what they have added to the tenant's counts stays.
        case anonymization
    }

    private struct Subject: Hashable {
        let tenant: TenantNumber
        let user: UserID
    }

    private static let logger = Logger(label: "attune.privacy")

    let vault: KeyVault
    let store: LMDBEngine
    let advisor: AIAdvisor?
    let audit: Audit
    let clock: @Sendable () -> Timestamp
    private let running = Mutex<Set<Subject>>([])
    private let finished = Atomic<Int>(0)

    /// How many users were erased or anonymized since the start.
    var completed: Int { finished.load(ordering: .relaxed) }

    init(
        vault: KeyVault, store: LMDBEngine, advisor: AIAdvisor?, audit: Audit, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.vault = vault
        self.store = store
        self.advisor = advisor
        self.audit = audit
        self.clock = clock
    }

    /// Erases a user. When it returns, nothing is left. Erasing somebody unknown, or twice, counts nothing and has its receipt, too.
    /// - Parameters:
    ///   - registers: whether it is a request of its own in the register, and no part of another.
    ///   - reached: is told of each step when it stands on disk.
    /// - Throws: `.conflict` while the same user is being erased; what the store ends in, and then it goes on with the next call.
    package func erase(
        _ scope: Scope, _ user: AuthorizedUser, _ action: Action = .erasure, registers: Bool = true,
        reached: @escaping @Sendable (Step) async -> Void = { _ in }
    ) async throws(EngineError) -> Receipt {
        let table = scope.tenant.table.erasing
        let user = try await scope.resolved(user.id, in: table)
        let subject = Subject(tenant: scope.tenant.number, user: user)
        guard running.withLock({ $0.insert(subject).inserted }) else {
            throw EngineError(.conflict, "The user is being erased already.")
        }
        defer { running.withLock { _ = $0.remove(subject) } }
        let request = registers ? try scope.newRequest(action == .erasure ? .erasure : .anonymization, about: user) : nil
        let run = try await begin(scope, user, action, request, reached)
        let receipt = try await run.finish()
        finished.wrappingAdd(1, ordering: .relaxed)
        return receipt
    }

    private func begin(
        _ scope: Scope, _ user: UserID, _ action: Action, _ request: DataRequest?, _ reached: @escaping @Sendable (Step) async -> Void
    ) async throws(EngineError) -> ErasureRun {
        let tenant = scope.tenant
        guard try await !tenant.isHeld(user, now: scope.now) else { throw Holds.refusal }
        guard !tenant.shutUsers.isMoving(user) else { throw ShutUsers.refusal }
        tenant.shutUsers.shut([user])
        var shut = [user]
        do throws(EngineError) {
            // In the writer's turn: every write that was let in before is behind it.
            let identity = try await tenant.table.erasing.decide([.identity(user)], now: scope.now) { draft throws(EngineError) in
                .discard(try draft.get(.identity(user), as: IdentityRecord.self) ?? IdentityRecord())
            }
            let users = [user] + (try await scope.joined(identity, in: tenant.table.erasing))
            tenant.shutUsers.shut(users)
            shut = users
            for visitor in users.dropFirst() where try await tenant.isHeld(visitor, now: scope.now) { throw Holds.refusal }
            var run = ErasureRun(erasures: self, scope: scope, users: users, action: action, request: request, reached: reached)
            try await run.begin()
            return run
        } catch {
            // Nothing was committed. One that was begun before stays shut away.
            if (try? await isPending(user, of: scope)) == false { tenant.shutUsers.open(shut) }
            throw error
        }
    }

    private func isPending(_ user: UserID, of scope: Scope) async throws(EngineError) -> Bool {
        let key = Keyspace.pendingErasure(digest: try scope.tenant.table.subjectDigest(user))
        return try await scope.tenant.table.get(key, as: PendingErasureRecord.self, now: scope.now) != nil
    }

    /// Finishes what a crash has left. What cannot be finished now stays shut away, and is with the next call or start.
    func resume(_ scope: Scope) async {
        do throws(EngineError) {
            let pending = try await scope.tenant.table.all(
                in: Keyspace.partition(.erasures), prefix: "PENDING#", as: PendingErasureRecord.self, now: scope.now)
            for record in pending { await resume(record.value, scope) }
        } catch {
            Self.logger.warning("erasures could not be read", metadata: ["error": "\(error.code)"])
        }
    }

    private func resume(_ record: PendingErasureRecord, _ scope: Scope) async {
        do throws(EngineError) {
            var users: [UserID] = []
            for partition in record.partitions {
                if let user = try user(of: partition, in: scope.tenant.number) { users.append(user) }
            }
            scope.tenant.shutUsers.shut(users)
            let run = ErasureRun(erasures: self, scope: scope, users: users, pending: record)
            _ = try await run.finish()
        } catch {
            Self.logger.warning("an erasure could not be finished", metadata: ["error": "\(error.code)"])
        }
    }

    /// Whose partition it is, while its key is there.
    func user(of partition: DoomedPartitionRecord, in tenant: TenantNumber) throws(EngineError) -> UserID? {
        do throws(StoreError) {
            let address = partition.address(tenant)
            guard let seal = try vault.seal(at: address), partition.isOf(seal) else { return nil }
            return try store.name(of: address).flatMap { Keyspace.user(ofPartition: $0) }
        } catch {
            throw EngineError(error)
        }
    }
}

extension Erasures {
    /// Where a user's data lies; nil where there is none. It leads to nobody once their key is gone.
    func partition(of user: UserID, in tenant: Tenant) throws(EngineError) -> DoomedPartitionRecord? {
        do throws(StoreError) {
            let address = try vault.address(of: PartitionKey(tenant: tenant.number, name: Keyspace.partition(of: user)))
            return try vault.seal(at: address).map { DoomedPartitionRecord(address, $0) }
        } catch {
            throw EngineError(error)
        }
    }

    /// Destroys a partition's key, then what lies in it.
    func destroy(_ name: [UInt8], of tenant: Tenant) async throws(EngineError) {
        do throws(StoreError) {
            let address = try vault.address(of: PartitionKey(tenant: tenant.number, name: name))
            guard try vault.seal(at: address) != nil else { return }
            try vault.destroy(address)
            while try await store.sweepDestroyed(address) > 0 {}
        } catch {
            throw EngineError(error)
        }
    }
}

extension DoomedPartitionRecord {
    init(_ address: PartitionAddress, _ seal: any PartitionSeal) {
        self = .with {
            $0.digest = Data(address.digest)
            ($0.slot, $0.generation) = (seal.slot, seal.generation)
        }
    }

    func address(_ tenant: TenantNumber) -> PartitionAddress { PartitionAddress(tenant: tenant, digest: Array(digest)) }

    /// Whether the slot is still that of the life that is to be erased.
    func isOf(_ seal: any PartitionSeal) -> Bool { seal.slot == slot && seal.generation == generation }
}
