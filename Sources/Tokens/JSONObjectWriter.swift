/// Writes a flat JSON object with its members in the order of the calls, so that equal content gives equal bytes.
struct JSONObjectWriter {
    private var text = "{"

    mutating func member(_ name: String, _ value: String) {
        begin(name)
        text += Self.quoted(value)
    }

    mutating func member(_ name: String, _ value: Int64) {
        begin(name)
        text += String(value)
    }

    mutating func member(_ name: String, _ values: [String]) {
        begin(name)
        text += "[" + values.map(Self.quoted).joined(separator: ",") + "]"
    }

    consuming func finish() -> String {
        text + "}"
    }

    private mutating func begin(_ name: String) {
        if text.utf8.count > 1 { text += "," }
        text += Self.quoted(name) + ":"
    }

    private static func quoted(_ value: String) -> String {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted.unicodeScalars.append("\\")
                quoted.unicodeScalars.append(scalar)
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
