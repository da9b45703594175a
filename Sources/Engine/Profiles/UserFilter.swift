/// Which users a list shows. What is left out takes all.
package struct UserFilter: Sendable {
    /// Looked for anywhere in the id; ASCII letters match in either case.
    package var text = ""
    /// Name of a feature that the user has used.
    package var feature: String?
    /// An area that the user works in.
    package var marketFocus: String?
    /// Changed within so many days.
    package var activeDays: Int?

    package init() {}

    func takes(_ id: UserID) -> Bool {
        let sought = text.utf8.map(Self.folded)
        let bytes = id.bytes.map(Self.folded)
        guard sought.count <= bytes.count else { return false }
        guard let first = sought.first else { return true }
        return (0...(bytes.count - sought.count)).contains { start in
            bytes[start] == first && bytes[start..<(start + sought.count)].elementsEqual(sought)
        }
    }

    func takes(_ profile: PersonalizationProfile, now: Timestamp) -> Bool {
        if let feature, !profile.features.contains(where: { $0.feature.hasSameBytes(as: feature) }) { return false }
        if let marketFocus, !profile.marketFocus.contains(where: { $0.hasSameBytes(as: marketFocus) }) { return false }
        if let activeDays {
            guard let updatedAt = profile.updatedAt, now.days(since: updatedAt) <= Double(activeDays) else { return false }
        }
        return true
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
