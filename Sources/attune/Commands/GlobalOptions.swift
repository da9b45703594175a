import ArgumentParser
import Engine
import Foundation

/// Options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: "The data folder (ATTUNE_DATA; default: ./data).")
    var data: String?

    @Option(name: .long, help: "The master key file (ATTUNE_MASTER_KEY_FILE; default: DATA/master.key).")
    var masterKeyFile: String?

    @Option(name: .long, help: "The base URL of the token issuer (ATTUNE_PUBLIC_URL; default: http://HOST:PORT).")
    var publicUrl: String?

    @Flag(name: .long, help: "Print the result as one JSON document.")
    var json = false

    var flags: [String: String] {
        ["data": data, "master.key.file": masterKeyFile, "public.url": publicUrl].compactMapValues(\.self)
    }

    /// Performs an operation and prints its answer: as JSON, or as `text` has it.
    func perform<Requested: EngineOperation>(
        _ operation: Requested, writing output: String? = nil, text: (Requested.Answer) -> String
    ) async throws {
        try await exiting(writing: output) {
            let answer = try await OperationRunner(settings: Settings(flags)).run(operation)
            try show(answer, text: text)
        }
    }

    func show<Answer: Encodable>(_ answer: Answer, text: (Answer) -> String) throws {
        guard json else {
            print(text(answer))
            return
        }
        print(Self.pretty(answer))
    }

    static func pretty(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
