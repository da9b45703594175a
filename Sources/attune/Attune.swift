import ArgumentParser
import Engine
import Foundation

/// The one executable.
@main
struct Attune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attune",
        abstract: "A multi-tenant personalization gateway: one process, one data folder.",
        discussion: """
            Commands work on the same data folder while the server runs. Settings are read from flags, then from the environment \
            (ATTUNE_DATA, ATTUNE_PORT, …), then from ./attune.yaml. Exit statuses: 0 success, 64 wrong usage, 2 an import that refused \
            lines, 1 any other failure.

            EXAMPLES
              attune serve                                    serve ./data on 127.0.0.1:8080
              attune tenant create acme                       create a tenant
              attune key create --tenant acme --kind secret   create an API key for it
              attune token mint --tenant acme --user u1       mint a token for one of its users
              attune user show --tenant acme --user u1        show what is stored about the user
              attune --generate-completion-script bash        print completions for bash, zsh, or fish
            """,
        version: ProductVersion.text,
        subcommands: [
            ServeCommand.self, TenantCommand.self, KeyCommand.self, TokenCommand.self, UserCommand.self, PrivacyCommand.self,
            CatalogCommand.self, EventsCommand.self, PlaybookCommand.self, VaultCommand.self, BackupCommand.self, RestoreCommand.self,
            DoctorCommand.self, OpenAPICommand.self, DemoCommand.self,
        ])

    /// Files, folders, and sockets that a command creates are its owner's alone from the first moment.
    static func main() async {
        umask(0o077)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    /// Prints help and versions on standard output; errors in the one style of all commands on standard error.
    private static func end(_ error: any Error) -> Never {
        let status = exitCode(for: error)
        guard status.rawValue == EX_USAGE, !(error is ExitCode) else { exit(withError: error) }
        let unknown = UnknownCommand(in: Array(CommandLine.arguments.dropFirst()), of: Attune.self)
        if let unknown {
            StandardError.line(unknown.description)
        } else {
            let message = fullMessage(for: error)
            StandardError.line(message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
        }
        exit(withError: status)
    }
}

/// The first word of a command line that should name a command and names none.
private struct UnknownCommand: CustomStringConvertible {
    /// From here on words have nothing in common.
    private static let distanceMax = 2
    private let word: String
    private let path: String
    private let nearest: String?

    /// - Returns: nil where every command is known.
    init?(in arguments: [String], of root: any ParsableCommand.Type) {
        var (command, path) = (root, "attune")
        for word in arguments {
            guard !word.hasPrefix("-"), !command.configuration.subcommands.isEmpty else { return nil }
            let names = command.configuration.subcommands.map { $0._commandName }
            guard let place = names.firstIndex(of: word) else {
                let ranked = names.map { (name: $0, distance: EditDistance.between($0, word)) }.min { $0.distance < $1.distance }
                (self.word, self.path) = (word, path)
                nearest = ranked.flatMap { $0.distance <= Self.distanceMax ? $0.name : nil }
                return
            }
            command = command.configuration.subcommands[place]
            path += " \(word)"
        }
        return nil
    }

    var description: String {
        let suggestion = nearest.map { " Did you mean \($0)?" } ?? ""
        return "unknown command \(word).\(suggestion) See \(path) --help"
    }
}
