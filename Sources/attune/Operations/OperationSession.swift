import Engine
import Foundation

/// Several operations one after another: through the server's socket where one serves the folder, else on one engine that stays open.
final class OperationSession {
    private let runner: OperationRunner
    private var engine: AttuneEngine?

    init(settings: Settings) {
        runner = OperationRunner(settings: settings)
    }

    func run<Requested: EngineOperation>(_ operation: Requested) async throws -> Requested.Answer {
        let engine: AttuneEngine
        if let open = self.engine {
            engine = open
        } else {
            switch try await runner.reach(operation, makesFolder: false) {
            case .answered(let answer): return answer
            case .opened(let opened): engine = opened
            }
            self.engine = engine
        }
        do throws(EngineError) {
            return try await operation.perform(on: engine)
        } catch {
            throw OperationFailure(error)
        }
    }

    /// Runs `body` and lets go of the folder.
    func closing(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            await engine?.close()
            throw error
        }
        await engine?.close()
    }
}
