/// The calls of the tracking protocol, as far as they make an event.
///
/// Raw values are stored: they never change.
package enum EventKind: UInt32, Sendable, CaseIterable {
    case track = 1
    case page = 2
    case screen = 3
    case identify = 4
    case group = 5
    case alias = 6

    package var name: String {
        switch self {
        case .track: "track"
        case .page: "page"
        case .screen: "screen"
        case .identify: "identify"
        case .group: "group"
        case .alias: "alias"
        }
    }

    package init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    /// Whether behaviour counts it.
    package var isCounted: Bool { self == .track || self == .page || self == .screen }
}
