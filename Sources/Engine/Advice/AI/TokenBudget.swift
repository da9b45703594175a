/// What one tenant may still spend on one UTC day: reserved before a call, settled after it.
package struct TokenBudget: Sendable, Equatable {
    /// Days since 1970.
    package let day: Int64
    /// As it is stored.
    package private(set) var spent: UInt64
    private var reserved: UInt64 = 0

    package init(day: Int64, spent: UInt64) {
        self.day = day
        self.spent = spent
    }

    package static func day(of moment: Timestamp) -> Int64 { moment.seconds.flooredQuotient(86_400) }

    /// - Parameter limit: 0: none.
    package func isExhausted(limit: Int) -> Bool { limit > 0 && spent + reserved >= UInt64(limit) }

    /// - Returns: whether the estimate fits; nothing is reserved otherwise.
    package mutating func reserve(_ estimate: Int, limit: Int) -> Bool {
        guard limit == 0 || spent + reserved + UInt64(estimate) <= UInt64(limit) else { return false }
        reserved += UInt64(estimate)
        return true
    }

    /// - Parameter spent: what is stored now, other gateways' calls included; nil where it could not be stored.
    package mutating func settle(_ estimate: Int, used: Int, stored spent: UInt64?) {
        reserved -= min(reserved, UInt64(estimate))
        self.spent = max(self.spent + UInt64(used), spent ?? 0)
    }
}
