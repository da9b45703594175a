import Configuration
import Foundation
import Yams

/// `attune.yaml`: the settings' names in lower case, nested or flat: `port: 8080`, `log: {level: info}` or `log_level: info`.
enum YAMLFile {
    /// - Returns: nil where there is no such file.
    /// - Throws: `SettingsError` for a file that is not a YAML mapping of plain values.
    static func values(atPath path: String) throws -> [AbsoluteConfigKey: ConfigValue]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(path) cannot be read, or is not UTF-8")
        }
        let root: Any?
        do {
            root = try Yams.load(yaml: text)
        } catch {
            throw SettingsError("\(path) is not valid YAML")
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        guard let root else { return values }
        try collect(root, at: [], path: path, into: &values)
        return values
    }

    private static func collect(
        _ node: Any, at key: [String], path: String, into values: inout [AbsoluteConfigKey: ConfigValue]
    ) throws {
        if let mapping = node as? [String: Any] {
            for (name, child) in mapping {
                let parts = name.split(whereSeparator: { $0 == "_" || $0 == "." || $0 == "-" }).map(String.init)
                try collect(child, at: key + parts, path: path, into: &values)
            }
        } else if node is NSNull {
            return
        } else if key.isEmpty || node is [Any] {
            throw SettingsError("\(path) must be a mapping of names to plain values")
        } else {
            values[AbsoluteConfigKey(key)] = ConfigValue(.string("\(node)"), isSecret: false)
        }
    }
}
