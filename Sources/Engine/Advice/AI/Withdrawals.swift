import Store
import Synchronization

/// Which answers on their way were overtaken by a reset or an erasure of what they are about.
///
/// Works as a sequence lock does: whoever takes a user's data away counts the user's stripe up before and afterwards. A question notes the
/// count before it reads; its answer is kept and shown only while the count is that one. What is read meanwhile is not asked about.
/// Users share stripes: a stranger's reset in the seconds of a call costs its answer once in 65,536 times, and nothing grows with
/// the number of users.
final class Withdrawals: Sendable {
    /// What a question notes before it reads.
    struct Mark: Sendable, Equatable {
        fileprivate let stripe: Int
        fileprivate let count: UInt32
    }

    private struct Stripe: Sendable {
        var count: UInt32 = 0
        var underWay: Int32 = 0
    }

    private static let stripeCount = 65_536

    private let stripes = Mutex([Stripe](repeating: Stripe(), count: stripeCount))

    /// - Returns: nil while data of the user are being taken away.
    func mark(_ tenant: TenantNumber, _ user: UserID) -> Mark? {
        let index = Self.index(tenant, user)
        return stripes.withLock { $0[index].underWay == 0 ? Mark(stripe: index, count: $0[index].count) : nil }
    }

    func isCurrent(_ mark: Mark) -> Bool {
        stripes.withLock { $0[mark.stripe].count == mark.count }
    }

    /// To be around every transaction that takes away what AI could have been asked about.
    func during<Output: Sendable>(
        _ tenant: TenantNumber, _ user: UserID, _ body: () async throws(EngineError) -> Output
    ) async throws(EngineError) -> Output {
        let index = Self.index(tenant, user)
        count(index, underWay: 1)
        defer { count(index, underWay: -1) }
        return try await body()
    }

    private func count(_ index: Int, underWay: Int32) {
        stripes.withLock { stripes in
            stripes[index].count &+= 1
            stripes[index].underWay += underWay
        }
    }

    private static func index(_ tenant: TenantNumber, _ user: UserID) -> Int {
        var hasher = Hasher()
        hasher.combine(tenant)
        hasher.combine(user)
        return Int(UInt(bitPattern: hasher.finalize()) % UInt(stripeCount))
    }
}
