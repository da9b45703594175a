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

    /// The copies that are of the slot's present life; they differ where a write reached one file only.
    var present: [SlotRecord] { [first, second].compactMap(\.self).filter { $0.generation == generation } }
}
