/// The Prometheus text exposition format 0.0.4, family by family.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricsText {
    enum Kind: String { case counter, gauge, histogram, summary }

    /// One line of a family.
    struct Sample {
        /// What stands behind the family's name: `_sum`, `_count`, `_bucket`, or nothing.
        var suffix = ""
        let labels: KeyValuePairs<String, String>
        let value: Double

        init(_ value: some BinaryInteger, suffix: String = "", labels: KeyValuePairs<String, String> = [:]) {
            self.init(Double(value), suffix: suffix, labels: labels)
        }

        init(_ value: Double, suffix: String = "", labels: KeyValuePairs<String, String> = [:]) {
            (self.value, self.suffix, self.labels) = (value, suffix, labels)
        }
    }

    private(set) var text = ""

    /// - Parameter help: One line that says what is measured, with its unit.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples { text += "\(name)\(sample.suffix)\(Self.braced(sample.labels)) \(Self.number(sample.value))\n" }
    }

    private static func braced(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        return "{\(labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ","))}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
