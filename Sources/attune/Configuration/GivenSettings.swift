/// The settings as text, and where each comes from.
struct GivenSettings: Sendable {
    /// Relative to the working folder.
    static let filePath = "attune.yaml"

    private let flags: [SettingName: String]
    private let variables: [SettingName: String]
    private let file: [SettingName: String]

    init(flags: [String: String], variables: [SettingName: String], file: [SettingName: String]) {
        self.flags = Dictionary(
            uniqueKeysWithValues: flags.compactMap { name, value in
                SettingName(rawValue: name).flatMap { value.isEmpty ? nil : ($0, value) }
            })
        self.variables = variables
        self.file = file
    }

    func text(_ name: SettingName) -> String? { flags[name] ?? variables[name] ?? file[name] }

    func number(_ name: SettingName, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw error(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ name: SettingName) throws -> Bool {
        guard let text = text(name), text != "false" else { return false }
        guard text == "true" else { throw error(name, "must be true or false") }
        return true
    }

    func choice(_ name: SettingName, of choices: [String]) throws -> String? {
        guard let text = text(name) else { return nil }
        guard choices.contains(text) else {
            throw error(name, "must be \(choices.dropLast().joined(separator: ", ")) or \(choices.last ?? "")")
        }
        return text
    }

    /// What the setting is called where it was given: `--port`, `ATTUNE_PORT`, or `port in attune.yaml`.
    func form(of name: SettingName) -> String {
        if flags[name] != nil { return name.flag }
        if variables[name] == nil, file[name] != nil { return "\(name.fileName) in \(Self.filePath)" }
        return name.environmentVariable
    }

    func error(_ name: SettingName, _ problem: String) -> SettingsError { SettingsError("\(form(of: name)) \(problem)") }

    /// An error's text that names variables of the environment, with each name in the form in which the setting was given.
    func inGivenForm(_ text: String) -> String {
        // The longest name first, since some names begin with others.
        let names = SettingName.allCases.sorted { $0.environmentVariable.utf8.count > $1.environmentVariable.utf8.count }
        return names.reduce(text) { $0.replacing($1.environmentVariable, with: form(of: $1)) }
    }
}
