import ArgumentParser
import Foundation
import Gateway

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the OpenAPI document of the gateway: YAML, or JSON with --json.")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        print(String(decoding: global.json ? try OpenAPIDocument.json() : Data(OpenAPIDocument.yaml), as: UTF8.self))
    }
}
