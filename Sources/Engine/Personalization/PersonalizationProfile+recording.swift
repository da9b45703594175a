extension PersonalizationProfile {
    /// Counts one use of a feature: its usage, the local hour of day and the walks of the present visit.
    ///
    /// A late event counts like any other, save that it leaves the present visit as it is. A moment ahead of `now` is taken for `now`,
    /// so that one fast clock does not make the next events late.
    /// - Parameters:
    ///   - at: When the feature was used.
    ///   - now: When Attune heard of it.
    package mutating func recordFeature(_ name: String, at: Timestamp, now: Timestamp) {
        let moment = min(at, now)
        let local = TimeZones.localDayAndHour(of: moment, in: timeZone)
        let index = countUse(of: name, at: moment)
        features[index].hours.count(hour: local.hour, day: local.day)
        usesByHour[local.hour] += 1
        workflow.record(name, at: moment)
        touch(at: now)
    }

    /// Counts one outcome of a type of content.
    package mutating func recordContent(_ contentType: String, success: Bool, at moment: Timestamp) {
        let index = content.firstIndex { $0.contentType.hasSameBytes(as: contentType) } ?? appendContent(contentType, at: moment)
        if success {
            content[index].successes += 1
        } else {
            content[index].failures += 1
        }
        content[index].lastUsedAt = max(content[index].lastUsedAt, moment)
        touch(at: moment)
    }

    /// Notes that something was changed; the first change creates the profile.
    mutating func touch(at moment: Timestamp) {
        createdAt = createdAt ?? moment
        updatedAt = max(updatedAt ?? moment, moment)
    }

    /// - Returns: Where the feature stands.
    private mutating func countUse(of name: String, at moment: Timestamp) -> Int {
        guard let index = features.firstIndex(where: { $0.feature.hasSameBytes(as: name) }) else {
            if features.count >= Limits.featuresPerProfileMax { dropLeastUsedFeature() }
            features.append(FeatureUsage(feature: name, count: 1, firstUsedAt: moment, lastUsedAt: moment))
            return features.count - 1
        }
        features[index].count += 1
        features[index].firstUsedAt = min(features[index].firstUsedAt, moment)
        features[index].lastUsedAt = max(features[index].lastUsedAt, moment)
        return index
    }

    private mutating func dropLeastUsedFeature() {
        let least = features.indices.min { first, second in
            (features[first].count, features[first].lastUsedAt) < (features[second].count, features[second].lastUsedAt)
        }
        if let least { features.remove(at: least) }
    }

    private mutating func appendContent(_ contentType: String, at moment: Timestamp) -> Int {
        if content.count >= Limits.contentTypesPerProfileMax { dropLeastUsedContent() }
        content.append(ContentPreference(contentType: contentType, successes: 0, failures: 0, lastUsedAt: moment))
        return content.count - 1
    }

    private mutating func dropLeastUsedContent() {
        func use(_ index: Int) -> (UInt64, Timestamp) {
            (content[index].successes + content[index].failures, content[index].lastUsedAt)
        }
        if let least = content.indices.min(by: { use($0) < use($1) }) { content.remove(at: least) }
    }
}
