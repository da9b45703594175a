import ArgumentParser
import Foundation
import Gateway

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the gateway's OpenAPI description as YAML, or as JSON with --json.")
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        print(String(decoding: global.json ? try OpenAPIDocument.json() : Data(OpenAPIDocument.yaml), as: UTF8.self))
    }
}
