package import NIOCore

extension PrometheusRegistry {
    /// Prometheus text exposition format 0.0.4, sorted, so that two of them compare.
    package func exposition() -> ByteBuffer {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        return ByteBuffer(string: text)
    }
}

/// Names and labels as the format wants them.
enum PrometheusText {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; all else becomes `_`.
    static func name(_ text: String) -> String {
        var name = String(
            text.unicodeScalars.map { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_", ":": Character(scalar)
                default: "_"
                }
            })
        if name.first?.isNumber ?? true { name = "_" + name }
        return name
    }

    /// `{name="value",…}`, or nothing where there are none.
    static func labels(_ dimensions: [(String, String)]) -> String {
        guard !dimensions.isEmpty else { return "" }
        let pairs = dimensions.map { "\(name($0.0))=\"\(escaped($0.1))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
