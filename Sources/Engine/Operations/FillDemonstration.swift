import Store

/// Fills a tenant with users who look like those of a product of some weeks: what a newcomer sees is alive.
///
/// The same seed and day make the same users. Users who are there already are left as they are.
package struct FillDemonstration: EngineOperation {
    package static let name = "demo.fill"
    /// How many users one call may make; each is one transaction, one after the other, so that they are listed in their order.
    package static let usersPerCallMax = 50
    package static let usersMax = 5000

    private let tenant: String
    private let seed: UInt64
    private let first: Int
    private let count: Int

    package struct Answer: Codable, Sendable {
        /// Users that were made.
        package let users: Int
        /// Users who were there already.
        package let known: Int
        /// Uses of features that were recorded.
        package let uses: Int

        package init(users: Int, known: Int, uses: Int) {
            self.users = users
            self.known = known
            self.uses = uses
        }

        package static func + (left: Answer, right: Answer) -> Answer {
            Answer(users: left.users + right.users, known: left.known + right.known, uses: left.uses + right.uses)
        }
    }

    /// - Parameters:
    ///   - first: number of the first user to make, from 1.
    ///   - count: how many, at most `usersPerCallMax`.
    package init(tenant: String, seed: UInt64, first: Int, count: Int) {
        self.tenant = tenant
        self.seed = seed
        self.first = first
        self.count = count
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        guard first >= 1, (1...Self.usersPerCallMax).contains(count), first + count - 1 <= Self.usersMax else {
            throw .invalid("/users", "must be 1 to \(Self.usersMax)")
        }
        let tenant = try engine.tenant(named: tenant)
        let now = engine.clock()
        var answer = Answer(users: 0, known: 0, uses: 0)
        for number in first..<(first + count) {
            let user = try DemonstrationUser(number: number, seed: seed, now: now)
            let key = Keyspace.personalization(user.id)
            let isNew = try await tenant.table.write([key], now: now) { table throws(EngineError) in
                guard table.version(of: key) == 0 else { return false }
                try table.put(key, user.profile.record)
                return true
            }
            answer = answer + (isNew ? Answer(users: 1, known: 0, uses: user.uses) : Answer(users: 0, known: 1, uses: 0))
        }
        return answer
    }
}
