import ArgumentParser
import Engine
import Foundation
import Gateway

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: "The data folder (ATTUNE_DATA; default: ./data).")
    var data: String?

    @Option(name: .long, help: "The master key file (ATTUNE_MASTER_KEY_FILE; default: DATA/master.key).")
    var masterKeyFile: String?

    @Option(name: .long, help: "The base of the token issuer (ATTUNE_PUBLIC_URL; default: http://HOST:PORT).")
    var publicUrl: String?

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    var flags: [String: String] {
        ["data": data, "master.key.file": masterKeyFile, "public.url": publicUrl].compactMapValues(\.self)
    }

    /// Performs an operation and prints its answer: as JSON, or as `text` has it.
    func perform<Requested: EngineOperation>(_ operation: Requested, text: (Requested.Answer) -> String) async throws {
        try await exiting {
            let answer = try await OperationRunner(settings: Settings(flags)).run(operation)
            try show(answer, text: text)
        }
    }

    func show<Answer: Encodable>(_ answer: Answer, text: (Answer) -> String) throws {
        guard json else {
            print(text(answer))
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(answer), as: UTF8.self))
    }
}

/// Turns errors into a line on standard error and an exit status: 64 for wrong usage, 1 otherwise.
func exiting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as OperationFailure {
        throw complain(failure.description, status: failure.isUsage ? EX_USAGE : 1)
    } catch let error as EngineError {
        let failure = OperationFailure(error)
        throw complain(failure.description, status: failure.isUsage ? EX_USAGE : 1)
    } catch let error as SettingsError {
        throw complain(error.description, status: EX_USAGE)
    } catch let error as StartError {
        throw complain(error.description, status: 1)
    } catch let code as ExitCode {
        throw code
    } catch {
        throw complain("an unexpected error: \(type(of: error))", status: 1)
    }
}

private func complain(_ text: String, status: Int32) -> ExitCode {
    try? FileHandle.standardError.write(contentsOf: Data("attune: \(text)\n".utf8))
    return ExitCode(status)
}
