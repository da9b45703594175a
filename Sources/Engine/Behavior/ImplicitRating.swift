/// What a user thinks of a product, 0 to 5, told by what they did with it and by the stars that they gave it.
package struct ProductRating: Sendable, Equatable {
    package internal(set) var implicit = ImplicitRating()
    /// The stars that the user gave last; nil: none.
    package internal(set) var explicit: Double?

    /// What the user said; where they said nothing, what they did.
    package var combined: Double { explicit ?? implicit.value }
}

/// What a user thinks of a product, 0 to 5, told by what they did with it.
package struct ImplicitRating: Sendable, Equatable {
    package struct Signal: Sendable, Equatable {
        package let type: InteractionType
        package internal(set) var count: Int
        /// What the events of this type add to the sum, decayed.
        package internal(set) var weight: Double
        package internal(set) var lastAt: Timestamp
    }

    package private(set) var signals: [Signal] = []

    package init() {}

    /// - Parameter events: what the user did with the product, and when.
    package init(_ events: some Sequence<(type: InteractionType, at: Timestamp)>, now: Timestamp, halfLifeDays: Double) {
        for event in events {
            let weight = event.type.weight * HalfLife.remainder(afterDays: now.days(since: event.at), halfLifeDays: halfLifeDays)
            if let place = signals.firstIndex(where: { $0.type == event.type }) {
                signals[place].count += 1
                signals[place].weight += weight
                signals[place].lastAt = max(signals[place].lastAt, event.at)
            } else {
                signals.append(Signal(type: event.type, count: 1, weight: weight, lastAt: event.at))
            }
        }
        signals.sort { $0.type.rawValue < $1.type.rawValue }
    }

    /// clamp(S/2, 0, 5), S being the decayed sum of the weights.
    package var value: Double {
        min(5, max(0, signals.reduce(0) { $0 + $1.weight } / 2))
    }
}
