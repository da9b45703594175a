import ArgumentParser
import Engine
import Foundation
import Gateway

/// Why a command ends without success: a line for standard error, and the exit status.
struct CommandFailure: Error {
    let description: String
    let status: Int32

    /// - Parameter status: 64 for wrong usage, 2 for an import that left lines out, 1 otherwise.
    init(_ description: String, status: Int32 = EXIT_FAILURE) {
        (self.description, self.status) = (description, status)
    }
}

/// Where notices, questions and errors go, so that standard output holds the result alone.
enum StandardError {
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    static func line(_ text: String) {
        write("attune: \(text)\n")
    }
}

/// Turns errors into a line on standard error and an exit status: 64 for wrong usage, 1 otherwise.
/// - Parameter output: the file that the command writes, as it was given, to be named where that fails.
func exiting(writing output: String? = nil, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        throw complain(failure.description, status: failure.status)
    } catch let failure as OperationFailure {
        if let output, failure.description.hasPrefix(OutputFile.failurePrefix) {
            throw complain("cannot write \(output): \(failure.description.dropFirst(OutputFile.failurePrefix.count))", status: EXIT_FAILURE)
        }
        throw complain(failure.text, status: failure.isUsage ? EX_USAGE : EXIT_FAILURE)
    } catch let error as EngineError {
        let failure = OperationFailure(error)
        throw complain(failure.text, status: failure.isUsage ? EX_USAGE : EXIT_FAILURE)
    } catch let error as SettingsError {
        throw complain(error.description, status: EX_USAGE)
    } catch let error as StartError {
        throw complain(error.description, status: EXIT_FAILURE)
    } catch let code as ExitCode {
        throw code
    } catch {
        throw complain("an unexpected error: \(type(of: error))", status: EXIT_FAILURE)
    }
}

private func complain(_ text: String, status: Int32) -> ExitCode {
    StandardError.line(text)
    return ExitCode(status)
}
