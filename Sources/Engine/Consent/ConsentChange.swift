import SwiftProtobuf

/// Decisions about some purposes, made at one time in one place.
package struct ConsentChange: Sendable, Equatable {
    /// Purposes that are not among them stay as they are.
    package var decisions: [Purpose: Bool]
    /// Who or what it came from, such as "banner" or "support"; 1 to 64 characters.
    package var source: String
    /// Which wording the user was shown; at most 128 characters.
    package var wordingVersion: String?
    /// Where the user was asked, such as "web" or "phone"; at most 128 characters.
    package var channel: String?

    package init(decisions: [Purpose: Bool], source: String, wordingVersion: String? = nil, channel: String? = nil) {
        self.decisions = decisions
        self.source = source
        self.wordingVersion = wordingVersion
        self.channel = channel
    }

    /// - Throws: `.invalid` with everything that is wrong.
    func validate() throws(EngineError) {
        var violations = [
            ProfileValidation.nameViolation(source, charactersMax: Limits.consentSourceCharactersMax, pointer: "/source"),
            wordingVersion.flatMap {
                ProfileValidation.nameViolation($0, charactersMax: Limits.consentDetailCharactersMax, pointer: "/wordingVersion")
            },
            channel.flatMap {
                ProfileValidation.nameViolation($0, charactersMax: Limits.consentDetailCharactersMax, pointer: "/channel")
            },
        ].compactMap(\.self)
        if decisions.isEmpty {
            violations.append(EngineError.Violation(pointer: "/purposes", detail: "must hold at least one purpose"))
        }
        if !violations.isEmpty { throw .invalid(violations) }
    }

    func decisionRecords(at now: Timestamp) -> [ConsentDecisionRecord] {
        Purpose.allCases.compactMap { purpose in
            decisions[purpose].map { isGranted in
                .with {
                    $0.purpose = purpose.recorded
                    $0.isGranted = isGranted
                    $0.decidedAt = now.milliseconds
                }
            }
        }
    }
}

/// One entry of a user's consent history.
package struct ConsentEntry: Sendable, Equatable {
    /// What kind of credential it came with; never which.
    package enum CredentialKind: String, Sendable, Codable {
        case secretKey, publishableKey, privacyKey, userToken, operatorConsole, unknown
    }

    package let change: ConsentChange
    package let credential: CredentialKind
    package let decidedAt: Timestamp
}
