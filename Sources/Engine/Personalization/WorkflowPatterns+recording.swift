extension WorkflowPatterns {
    /// Takes a use of a feature into the present visit and counts the walks that end with it.
    ///
    /// A use older than the present visit's last one is left out: where it stood among the others is no longer known, and a guess
    /// would count walks that nobody took.
    mutating func record(_ feature: String, at moment: Timestamp) {
        if let last = lastSeenAt {
            guard moment >= last else { return }
            if moment.milliseconds - last.milliseconds >= Int64(Limits.visitSilenceSeconds) * 1000 {
                recent.removeAll(keepingCapacity: true)
            }
        }
        lastSeenAt = moment
        if let previous = recent.last, previous.hasSameBytes(as: feature) { return }
        if recent.count >= Limits.sequenceLengthMax {
            recent.removeFirst(recent.count - Limits.sequenceLengthMax + 1)
        }
        recent.append(feature)
        countWalks(at: moment)
    }

    /// The sequences walked at least twice, those that weigh most at `now` first.
    package func commonSequences(at now: Timestamp) -> [WorkflowSequence] {
        sequences
            .filter { $0.occurrences >= 2 }
            .map { (sequence: $0, weight: $0.weight(at: now)) }
            .sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.sequence.lastSeenAt > $1.sequence.lastSeenAt }
            .map(\.sequence)
    }

    private mutating func countWalks(at moment: Timestamp) {
        guard recent.count >= Limits.sequenceLengthMin else { return }
        var isKnown = [Bool](repeating: false, count: recent.count + 1)
        for index in sequences.indices where endsNow(sequences[index].features) {
            sequences[index].weight = sequences[index].weight(at: moment) + 1
            sequences[index].occurrences += 1
            sequences[index].lastSeenAt = moment
            isKnown[sequences[index].features.count] = true
        }
        for length in Limits.sequenceLengthMin...recent.count where !isKnown[length] {
            while sequences.count >= Limits.sequencesPerProfileMax { dropLeast(before: moment) }
            sequences.append(
                WorkflowSequence(features: Array(recent.suffix(length)), occurrences: 1, weight: 1, lastSeenAt: moment))
        }
    }

    /// Whether the present visit ends with exactly these features.
    private func endsNow(_ features: [String]) -> Bool {
        guard features.count <= recent.count else { return false }
        var position = recent.count
        for feature in features.reversed() {
            position -= 1
            guard feature.hasSameBytes(as: recent[position]) else { return false }
        }
        return true
    }

    /// Drops the sequence of the least decayed weight. What was walked just now stays: it would otherwise never come to a second time.
    private mutating func dropLeast(before moment: Timestamp) {
        var least: Int?
        for index in sequences.indices where sequences[index].lastSeenAt < moment {
            guard let known = least else {
                least = index
                continue
            }
            // Seen later and weighing more, it cannot be less now; this spares most of the powers of two.
            if sequences[index].weight >= sequences[known].weight, sequences[index].lastSeenAt >= sequences[known].lastSeenAt { continue }
            if sequences[index].weight(at: moment) < sequences[known].weight(at: moment) { least = index }
        }
        sequences.remove(at: least ?? 0)
    }
}
