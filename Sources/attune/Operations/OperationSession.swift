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
        if engine == nil, let answer = try await runner.runOnServer(operation) { return answer }
        let engine = try await opened()
        do throws(EngineError) {
            return try await operation.perform(on: engine)
        } catch {
            throw OperationFailure(error)
        }
    }

    private func opened() async throws -> AttuneEngine {
        if let engine { return engine }
        guard FileManager.default.fileExists(atPath: runner.settings.dataPath) else {
            throw OperationFailure(EngineError(.notFound, "There is no data folder at \(runner.settings.dataPath)."))
        }
        let opened: AttuneEngine
        do throws(EngineError) {
            opened = try await AttuneEngine.open(runner.settings.engine)
        } catch {
            throw OperationFailure(error)
        }
        engine = opened
        return opened
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
