import FoundationEssentials
import Logging
import Store
import SwiftProtobuf

/// Finds the users whom requests name by what no key leads to: digests, and e-mail addresses.
///
/// It walks over all users of the tenant, opens of each the header, which holds the id, and where an e-mail address is asked for the
/// traits, and compares. An index would have to keep digests of everybody's addresses in the table for the sake of the few who ask, and
/// would know only those who came after it. The cost is two reads and at most eight digests a user, some 30 µs, in the background; requests
/// that wait together are looked for together.
struct IdentitySearch {
    private static let logger = Logger(label: "attune.privacy")

    let store: LMDBEngine
    let tenant: Tenant
    let now: Timestamp

    /// - Returns: the users whom each list of identities names, in the order of the lists; of more than a request may be about, some.
    /// - Throws: `.unavailable` where it was cancelled.
    func users(named lists: [[OpenDSRIdentity]]) async throws(EngineError) -> [[UserID]] {
        var found: [[UserID]] = lists.map { $0.compactMap(\.user) }
        let sought = lists.map { list in list.filter { $0.user == nil } }
        if sought.allSatisfy(\.isEmpty) { return found.map(Self.unique) }
        let seeksEmail = sought.joined().contains { $0.kind == .email }
        var last: PartitionAddress?
        while true {
            guard !Task.isCancelled else { throw EngineError(.unavailable, "The search was cut short.") }
            let page = try partitions(after: last)
            for address in page {
                guard let user = name(of: address) else { continue }
                let email = seeksEmail ? try await email(of: user) : nil
                for place in sought.indices where found[place].count <= Limits.openDSRPeopleMax {
                    if sought[place].contains(where: { $0.names(user, email: email) }) { found[place].append(user) }
                }
            }
            guard let end = page.last else { return found.map(Self.unique) }
            last = end
            await Task.yield()
        }
    }

    private static func unique(_ users: [UserID]) -> [UserID] {
        var seen: Set<UserID> = []
        return users.filter { seen.insert($0).inserted }
    }

    private func partitions(after last: PartitionAddress?) throws(EngineError) -> [PartitionAddress] {
        do throws(StoreError) {
            return try store.partitions(of: tenant.number, after: last, limit: Limits.openDSRPartitionsPerStep)
        } catch {
            throw EngineError(error)
        }
    }

    /// Whoever cannot be opened is found by nobody; it keeps the others from nothing.
    private func name(of address: PartitionAddress) -> UserID? {
        do throws(StoreError) {
            return try store.name(of: address).flatMap { Keyspace.user(ofPartition: $0) }
        } catch {
            Self.logger.warning("a partition could not be searched")
            return nil
        }
    }

    /// What the tenant's own server or an operator has said it is. Anybody can send a trait with a publishable key, about anybody.
    private func email(of user: UserID) async throws(EngineError) -> String? {
        let record: TraitsRecord?
        do throws(EngineError) {
            record = try await tenant.table.get(.traits(user), as: TraitsRecord.self, now: now)?.value
        } catch {
            guard error.code == .damaged else { throw error }
            Self.logger.warning("a user's traits could not be searched")
            return nil
        }
        let trait = record?.traits.first { $0.name == "email" && $0.saidBy.isTrusted }
        return trait.flatMap { try? JSONDecoder().decode(String.self, from: $0.value) }
    }
}
