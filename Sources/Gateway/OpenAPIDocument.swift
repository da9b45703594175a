package import Foundation
import Yams

/// The API description, as `Schemas/openapi.yaml` has it.
package enum OpenAPIDocument {
    package static var yaml: [UInt8] { PackageResources.openapi_yaml }

    /// The same document as JSON, for tools that do not read YAML.
    /// - Throws: where the YAML is not valid, which a test would have noticed.
    package static func json() throws -> Data {
        let document = try Yams.load(yaml: String(decoding: yaml, as: UTF8.self)) ?? [:]
        return try JSONSerialization.data(withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }
}
