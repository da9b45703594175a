import Foundation
import Yams

/// `attune.yaml`: the settings' names in lower case, nested or flat: `port: 8080`, `log: {level: info}` or `log_level: info`.
///
/// Values are text, as they are in the environment: YAML's types are not applied, so `1.10`, `00123456`, `yes` and `~` stay what they are.
enum YAMLFile {
    /// - Returns: Empty where there is no such file. An empty value counts as not set.
    /// - Throws: `SettingsError` for a file that is not a YAML mapping of known names to plain values.
    static func values(atPath path: String) throws -> [SettingName: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(path) cannot be read, or is not UTF-8")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch YamlError.duplicatedKeysInMapping(let names, _) {
            throw SettingsError("\(path) has the name \(names.map(\.description).sorted().joined(separator: ", ")) twice")
        } catch {
            throw SettingsError("\(path) is not valid YAML" + line(of: error))
        }
        var values: [SettingName: String] = [:]
        if let root, !isNothing(root) { try collect(root, at: [], path: path, into: &values) }
        return values.filter { !$0.value.isEmpty }
    }

    /// A document of comments alone.
    private static func isNothing(_ root: Node) -> Bool { root.scalar.map { $0.string.isEmpty && $0.style == .plain } ?? false }

    private static func line(of error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, _, let mark, _), YamlError.parser(_, _, let mark, _), YamlError.composer(_, _, let mark, _):
            " (line \(mark.line))"
        default: ""
        }
    }

    private static func collect(_ node: Node, at key: [String], path: String, into values: inout [SettingName: String]) throws {
        if let mapping = node.mapping {
            for (name, child) in mapping {
                guard let name = name.scalar?.string else { throw SettingsError("\(path): a name must be text") }
                let parts = name.split(whereSeparator: { $0 == "_" || $0 == "." || $0 == "-" }).map(String.init)
                try collect(child, at: key + parts, path: path, into: &values)
            }
            return
        }
        guard !key.isEmpty, let scalar = node.scalar else {
            throw SettingsError("\(path) must be a mapping of names to plain values")
        }
        guard let name = SettingName(rawValue: key.joined(separator: ".")) else { throw unknown(key, path: path) }
        guard values.updateValue(scalar.string, forKey: name) == nil else {
            throw SettingsError("\(path) has the name \(name.fileName) twice")
        }
    }

    private static func unknown(_ key: [String], path: String) -> SettingsError {
        let name = key.joined(separator: "_")
        let nearest = SettingName.nearest(to: name).map(\.fileName).joined(separator: ", ")
        return SettingsError("\(path) has the unknown name \(name); the known names nearest to it are \(nearest)")
    }
}
