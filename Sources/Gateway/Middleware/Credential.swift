package import Engine
import FoundationEssentials
package import HTTPTypes

/// Reads the credential out of the `Authorization` header.
package enum Credential {
    /// `Bearer CREDENTIAL`, or `Basic` with the credential as user name and no password.
    package static func read(from headers: HTTPFields) throws(EngineError) -> String {
        var found: String?
        for field in headers where field.name == .authorization {
            guard found == nil else { throw EngineError(.unauthenticated, "There is more than one Authorization header.") }
            found = field.value
        }
        guard let found else { throw EngineError(.unauthenticated, "This route needs a credential.") }
        guard let credential = parse(found) else { throw EngineError(.unauthenticated, "The credential is not valid.") }
        return credential
    }

    private static func parse(_ value: String) -> String? {
        guard let space = value.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let rest = value[space...].drop { $0 == " " }
        guard !rest.isEmpty else { return nil }
        switch value[..<space].lowercased() {
        case "bearer": return String(rest)
        case "basic": return userName(basic: String(rest))
        default: return nil
        }
    }

    /// RFC 7617, and the user name without the colon that the RFC wants behind it: shell scripts encode the key alone, `echo` with a
    /// line break. A password would be a second secret that nobody checks, so there must be none.
    private static func userName(basic encoded: String) -> String? {
        guard let decoded = Data(base64Encoded: encoded), let pair = String(validating: decoded, as: UTF8.self) else { return nil }
        let line = pair.hasSuffix("\r\n") || pair.hasSuffix("\n") ? pair.dropLast() : pair[...]
        let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard colon != line.startIndex, line[colon...].utf8.count <= 1 else { return nil }
        return String(line[..<colon])
    }
}
