extension PersonalizationProfile {
    /// Names of the most used features, most used first; of equally used ones the latest used first, then by the bytes of the name.
    /// - Parameter limit: At most so many, never more than `Limits.frequentFeaturesMax`.
    package func frequentFeatures(limit: Int) -> [String] {
        let limit = max(0, min(limit, Limits.frequentFeaturesMax))
        var best: [Int] = []
        // An insertion into a short list: of hundreds of features a handful is asked for.
        for index in features.indices {
            if best.count == limit {
                guard let last = best.last, Self.isMoreFrequent(features[index], features[last]) else { continue }
                best.removeLast()
            }
            let place = best.firstIndex { Self.isMoreFrequent(features[index], features[$0]) } ?? best.count
            best.insert(index, at: place)
        }
        return best.map { features[$0].feature }
    }

    static func isMoreFrequent(_ first: FeatureUsage, _ second: FeatureUsage) -> Bool {
        if first.count != second.count { return first.count > second.count }
        if first.lastUsedAt != second.lastUsedAt { return first.lastUsedAt > second.lastUsedAt }
        return first.feature.utf8.lexicographicallyPrecedes(second.feature.utf8)
    }
}
