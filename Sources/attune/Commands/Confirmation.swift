import ArgumentParser
import Foundation
import Glibc

/// `--yes` and `--dry-run`, and the question that a destructive command asks on a terminal.
struct Confirmation: ParsableArguments {
    @Flag(name: [.customShort("y"), .long], help: "Do not ask for confirmation.") var yes = false
    @Flag(name: .long, help: "Show what would be removed, and change nothing.") var dryRun = false

    /// Whether the command has to find out what would be removed: to show it, or to ask about it.
    var needsPreview: Bool { dryRun || !yes }

    private static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// To be called first: a script that forgot `--yes` ends here, before anything is read or changed.
    /// - Throws: `CommandFailure` with the status 64 where there is nobody to ask.
    func requireAnswerable() throws {
        guard dryRun || yes || Self.isTerminal else {
            throw CommandFailure("this needs confirmation, and there is no terminal to ask on; add --yes to confirm", status: EX_USAGE)
        }
    }

    /// Asks on the terminal; returns at once with `--yes`.
    /// - Parameters:
    ///   - warning: a sentence that names what will be removed.
    ///   - word: what has to be typed; `nil`: yes or no.
    /// - Throws: `CommandFailure` with the status 1 for any other answer.
    func ask(_ warning: String, typing word: String? = nil) throws {
        guard !yes else { return }
        try requireAnswerable()
        let question = word.map { "Type \($0) to continue: " } ?? "Continue? [y/N] "
        StandardError.write("\(warning)\n\(question)")
        let answer = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
        let agrees = word.map { answer == $0 } ?? ["y", "yes"].contains(answer.lowercased())
        guard agrees else { throw CommandFailure("not confirmed; nothing was changed", status: EXIT_FAILURE) }
    }
}
