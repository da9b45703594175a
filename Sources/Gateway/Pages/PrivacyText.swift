package import Engine

/// Codes of the privacy pages in words.
package enum PrivacyText {
    /// What an entry of the audit log records.
    package static func action(_ code: String) -> String {
        switch code {
        case "hold": "Legal hold placed"
        case "hold-lifted": "Legal hold lifted"
        case "opendsr-request": "OpenDSR request received"
        case "playbook-set": "Playbook changed"
        case "regulation": "Regulation received"
        case "request-entered": "Request added"
        case "restore": "Restored from a backup"
        case "tenant-set": "Tenant settings changed"
        default: PageText.words(code)
        }
    }

    /// Who did it: `Secret key kpp7Sk9K` for `secret-key:kpp7Sk9K`.
    package static func actor(_ code: String) -> String {
        guard let colon = code.firstIndex(of: ":") else { return PageText.words(code) }
        return "\(PageText.words(String(code[..<colon]))) \(code[code.index(after: colon)...])"
    }

    /// How a data request came in.
    package static func source(_ code: String) -> String {
        switch code {
        case "api": "API"
        case "command": "Command line"
        case "manual": "Added by hand"
        case "opendsr": "OpenDSR"
        default: PageText.words(code)
        }
    }

    /// What a person consents to.
    package static func purpose(_ purpose: Purpose) -> String { purpose == .ai ? "AI" : PageText.words(purpose.rawValue) }
}
