import ArgumentParser
import Foundation
import Gateway
import Yams

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the gateway's OpenAPI description as YAML, or as JSON with --json.")
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let yaml = String(decoding: OpenAPIDocument.yaml, as: UTF8.self)
        guard global.json else {
            print(yaml)
            return
        }
        let document = try Yams.load(yaml: yaml) ?? [:]
        let json = try JSONSerialization.data(withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        print(String(decoding: json, as: UTF8.self))
    }
}
