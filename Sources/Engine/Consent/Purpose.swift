/// What a user's data may be used for (contract, "Events and consent").
package enum Purpose: String, Sendable, Codable, CaseIterable {
    case analytics, personalization, marketing, ai
}

/// Some of the purposes.
package struct PurposeSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package init(_ purpose: Purpose) {
        rawValue =
            switch purpose {
            case .analytics: 1
            case .personalization: 2
            case .marketing: 4
            case .ai: 8
            }
    }

    package static let all = Purpose.allCases.reduce(into: PurposeSet()) { $0.insert(PurposeSet($1)) }

    package func contains(_ purpose: Purpose) -> Bool { isSuperset(of: PurposeSet(purpose)) }
}
