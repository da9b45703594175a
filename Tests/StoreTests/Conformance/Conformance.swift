import Store
import Testing

/// What any storage engine must do: run each check on a fixture of its own.
enum Conformance {
    struct Check: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (any EngineFixture) async throws -> Void

        init(_ description: String, _ run: @escaping @Sendable (any EngineFixture) async throws -> Void) {
            testDescription = description
            self.run = run
        }
    }

    static let checks = items + queries + transactions + expiry + bounds
}
