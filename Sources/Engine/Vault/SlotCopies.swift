/// The two copies of one slot; nil for one that is torn, rotten or past the end of its file.
struct SlotCopies: Equatable {
    let first: SlotRecord?
    let second: SlotRecord?

    /// The copy that holds; nil where neither is whole.
    ///
    /// The first is written first, so it is as new as the second or newer; and generations only grow, so that one with a lower
    /// generation than the second has lost a write.
    var whole: SlotRecord? {
        guard let first else { return second }
        guard let second, second.generation > first.generation else { return first }
        return second
    }

    /// The highest of the two copies' generations.
    var generation: UInt32 { max(first?.generation ?? 0, second?.generation ?? 0) }

    var areEqual: Bool { first != nil && first == second }

    /// Whether one of the copies is like that, so that a write that reached one file only is not overlooked.
    func contains(where isWanted: (SlotRecord) -> Bool) -> Bool {
        [first, second].contains { $0.map(isWanted) ?? false }
    }
}
