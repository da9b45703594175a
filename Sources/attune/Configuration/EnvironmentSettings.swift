/// The settings in the environment: `ATTUNE_` variables.
struct EnvironmentSettings {
    private static let prefix = "ATTUNE_"

    private(set) var values: [SettingName: String] = [:]
    /// Lines for the log: what was ignored and why.
    private(set) var warnings: [String] = []

    /// The first variable, in alphabetical order, that names no setting.
    private var unknown: String?

    /// Variables that are set and empty count as not set. The variables that container platforms make of a service called `attune`
    /// (Kubernetes and Docker links: `ATTUNE_SERVICE_HOST`, `ATTUNE_PORT_8080_TCP`, `ATTUNE_PORT=tcp://…`) are ignored.
    init(_ environment: [String: String]) {
        let known = Dictionary(uniqueKeysWithValues: SettingName.allCases.map { ($0.environmentVariable, $0) })
        for (variable, value) in environment where variable.hasPrefix(Self.prefix) && !Self.isOfPlatform(variable) {
            guard let name = known[variable] else {
                unknown = min(variable, unknown ?? variable)
                continue
            }
            if name == .port, value.hasPrefix("tcp://") || value.hasPrefix("udp://") {
                warnings.append("ATTUNE_PORT is ignored: a container platform has set it to the address of a service called attune.")
                continue
            }
            if !value.isEmpty { values[name] = value }
        }
    }

    /// - Throws: `SettingsError` for a variable that names no setting.
    func refuseUnknown() throws {
        guard let unknown else { return }
        let nearest = SettingName.nearest(to: String(unknown.dropFirst(Self.prefix.count)).lowercased())
        throw SettingsError(
            "the environment has the unknown setting \(unknown); the known ones nearest to it are "
                + nearest.map(\.environmentVariable).joined(separator: ", "))
    }

    /// `ATTUNE_SERVICE_…` and `ATTUNE_PORT_<number>_…`.
    private static func isOfPlatform(_ variable: String) -> Bool {
        if variable.hasPrefix("ATTUNE_SERVICE_") { return true }
        guard variable.hasPrefix("ATTUNE_PORT_") else { return false }
        let number = variable.dropFirst("ATTUNE_PORT_".count).prefix { $0 != "_" }
        return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber } && number.endIndex != variable.endIndex
    }
}
