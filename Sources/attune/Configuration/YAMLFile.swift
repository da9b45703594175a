import Configuration
import Foundation
import Yams

/// `attune.yaml`: the settings' names in lower case, nested or flat: `port: 8080`, `log: {level: info}` or `log_level: info`.
enum YAMLFile {
    /// - Returns: nil where there is no such file.
    /// - Throws: `SettingsError` for a file that is not a YAML mapping of known names to plain values.
    static func values(atPath path: String) throws -> [AbsoluteConfigKey: ConfigValue]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(path) cannot be read, or is not UTF-8")
        }
        let root: Any?
        do {
            root = try Yams.load(yaml: text)
        } catch {
            throw SettingsError("\(path) is not valid YAML" + line(of: error))
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        guard let root else { return values }
        try collect(root, at: [], path: path, into: &values)
        return values
    }

    private static func line(of error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, _, let mark, _), YamlError.parser(_, _, let mark, _), YamlError.composer(_, _, let mark, _):
            " (line \(mark.line))"
        default: ""
        }
    }

    private static func collect(
        _ node: Any, at key: [String], path: String, into values: inout [AbsoluteConfigKey: ConfigValue]
    ) throws {
        if let mapping = node as? [AnyHashable: Any] {
            for (name, child) in mapping {
                guard let name = name.base as? String else { throw SettingsError("\(path): a name must be text") }
                let parts = name.split(whereSeparator: { $0 == "_" || $0 == "." || $0 == "-" }).map(String.init)
                try collect(child, at: key + parts, path: path, into: &values)
            }
            return
        }
        guard !key.isEmpty, !(node is [Any]) else { throw SettingsError("\(path) must be a mapping of names to plain values") }
        guard SettingName(rawValue: key.joined(separator: ".")) != nil else { throw unknown(key, path: path) }
        guard !(node is NSNull) else { return }
        guard values.updateValue(ConfigValue(.string("\(node)"), isSecret: false), forKey: AbsoluteConfigKey(key)) == nil else {
            throw SettingsError("\(path) has the name \(key.joined(separator: "_")) twice")
        }
    }

    private static func unknown(_ key: [String], path: String) -> SettingsError {
        let name = key.joined(separator: "_")
        let nearest = SettingName.nearest(to: name).map(\.fileName).joined(separator: ", ")
        return SettingsError("\(path) has the unknown name \(name); the known names nearest to it are \(nearest)")
    }
}
