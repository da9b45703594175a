import FoundationEssentials
import Store
import SwiftProtobuf

/// What is held about a person at a glance: what somebody is shown before they erase it.
package struct PersonSummary: Sendable {
    /// Items by kind, in the order of their names; events are counted one by one.
    package let kinds: [(kind: String, count: UInt64)]
    /// nil: no event has come.
    package let firstSeenAt: Timestamp?
    package let lastSeenAt: Timestamp?
    /// Values as JSON, but texts as they are.
    package let traits: [(name: String, value: String)]

    package var entries: UInt64 { kinds.reduce(0) { $0 + $1.count } }
    package var isEmpty: Bool { kinds.isEmpty }
}

extension Erasures {
    /// Whether there is something to erase under an id, or an erasure that has begun and is to be finished.
    package func isWorthErasing(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Bool {
        try await scope.isWorthErasing(user.id)
    }

    /// What is held about a person, joined visitors included.
    package func summary(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> PersonSummary {
        let (table, now) = (scope.tenant.table, scope.now)
        let holdings = try await scope.holdings(of: user.id)
        let behavior = try await table.get(.behavior(holdings.users[0]), as: BehaviorRecord.self, now: now)?.value
        let traits = try await table.get(.traits(holdings.users[0]), as: TraitsRecord.self, now: now)?.value.traits ?? []
        return PersonSummary(
            kinds: holdings.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            firstSeenAt: behavior.map { Timestamp(milliseconds: $0.firstSeenAt) },
            lastSeenAt: behavior.map { Timestamp(milliseconds: $0.lastSeenAt) },
            traits: traits.filter { !$0.value.elementsEqual("null".utf8) }.map { ($0.name, Self.text(ofJSON: $0.value)) })
    }

    private static func text(ofJSON value: Data) -> String {
        (try? JSONDecoder().decode(String.self, from: value)) ?? String(decoding: value, as: UTF8.self)
    }
}
