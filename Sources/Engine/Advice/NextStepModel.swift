/// What a user does next, from the walks of earlier visits: a variable-order Markov model with back-off.
///
/// For the suffix s of the recent visit, s' the same without its first feature, w the decayed weight of the walk s→x and n the sum of
/// these weights over all x:
///
///     P(x|s) = (w(s, x) + k·P(x|s')) / (n(s) + k),   P(x|nothing) = 1 / number of features
///
/// so that a suffix seen seldom counts by n/(n+k) and leaves the rest to the next shorter one. A walk that a longer suffix has counted
/// is taken out of the shorter ones, as it would otherwise be evidence twice. With k = 2, a step taken twice after the longest suffix
/// and never otherwise stands before all that only shorter suffixes know.
/// Sources: MacKay and Peto, "A hierarchical Dirichlet language model" (1995); Begleiter, El-Yaniv and Yona, "On prediction using
/// variable order Markov models" (2004).
struct NextStepModel {
    /// k: how many steps the knowledge of the shorter suffixes is worth.
    static let priorWeight = 2.0

    struct Prediction: Equatable {
        /// Index in the playbook.
        var feature: Int
        /// 0 to 1; all together, with the features that the playbook does not know, at most 1.
        var confidence: Double
        /// How many of the latest features it follows from; 0 where it follows from none.
        var suffixLength: Int
        /// How often the feature followed the latest one.
        var occurrences: UInt64 = 0
        /// Whether a walk that it rests on was taken at least twice.
        var isCommon: Bool
    }

    /// A known walk that begins with a suffix of the recent visit.
    private struct Match {
        var suffixLength: Int
        /// Index in the playbook; nil for a feature that it does not have.
        var feature: Int?
        var walk: WorkflowSequence
        var weight: Double
    }

    /// One for every feature of the playbook, in its order.
    let predictions: [Prediction]

    init(sequences: [WorkflowSequence], recent: [String], playbook: CompiledPlaybook, now: Timestamp) {
        let featureCount = playbook.playbook.features.count
        let prior = 1 / Double(featureCount)
        var predictions = (0..<featureCount).map {
            Prediction(feature: $0, confidence: prior, suffixLength: 0, isCommon: false)
        }
        var matches = Self.matches(in: sequences, recent: recent, playbook: playbook, now: now)
        Self.leaveEachWalkToItsLongestSuffix(&matches)
        for length in 1..<Limits.sequenceLengthMax where matches.contains(where: { $0.suffixLength == length }) {
            Self.refine(&predictions, by: matches, suffixLength: length)
        }
        self.predictions = predictions
    }

    private static func matches(
        in sequences: [WorkflowSequence], recent: [String], playbook: CompiledPlaybook, now: Timestamp
    ) -> [Match] {
        guard let latest = recent.last else { return [] }
        var matches: [Match] = []
        for index in sequences.indices {
            let length = sequences[index].features.count - 1
            guard length > 0, length <= recent.count, sequences[index].features[length - 1].hasSameBytes(as: latest) else { continue }
            let walk = sequences[index]
            let isSuffix = (1..<length).allSatisfy { back in
                walk.features[length - 1 - back].hasSameBytes(as: recent[recent.count - 1 - back])
            }
            guard isSuffix else { continue }
            matches.append(
                Match(
                    suffixLength: length, feature: playbook.featureIndex[walk.features[length]], walk: walk, weight: walk.weight(at: now)))
        }
        return matches
    }

    private static func leaveEachWalkToItsLongestSuffix(_ matches: inout [Match]) {
        matches.sort { $0.suffixLength < $1.suffixLength }
        let total = matches.map(\.weight)
        for longer in matches.indices {
            let length = matches[longer].suffixLength
            let shorter = matches[..<longer].firstIndex { candidate in
                candidate.suffixLength == length - 1
                    && candidate.walk.features[length - 1].hasSameBytes(as: matches[longer].walk.features[length])
            }
            if let shorter { matches[shorter].weight = max(0, matches[shorter].weight - total[longer]) }
        }
    }

    private static func refine(_ predictions: inout [Prediction], by matches: [Match], suffixLength: Int) {
        var total = 0.0
        for match in matches where match.suffixLength == suffixLength { total += match.weight }
        let scale = 1 / (total + priorWeight)
        for index in predictions.indices { predictions[index].confidence *= priorWeight * scale }
        for match in matches where match.suffixLength == suffixLength {
            guard let feature = match.feature else { continue }
            predictions[feature].confidence += match.weight * scale
            predictions[feature].suffixLength = suffixLength
            predictions[feature].occurrences = max(predictions[feature].occurrences, match.walk.occurrences)
            predictions[feature].isCommon = predictions[feature].isCommon || match.walk.occurrences >= 2
        }
    }
}
