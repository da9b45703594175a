import FoundationEssentials
import SwiftProtobuf

/// What somebody has said of a user's engagement, completed by what behaviour says.
package struct BehavioralProfile: Sendable, Equatable {
    /// Counts up in each tenant.
    package let id: Int64
    package let userID: UserID
    /// A JSON value, as it was given; empty: none.
    package var leadID: [UInt8] = []
    /// 0 to 100.
    package var score: Double
    package var interests: String
    package var lastEngagedAt: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// When the score was last given by somebody.
    package var scoredAt: Timestamp
    /// Whether the score is one that somebody has given, not one that follows from behaviour.
    package internal(set) var isExplicit = true

    package var level: EngagementLevel { EngagementLevel(score: score) }

    package var strategy: EngagementStrategy { EngagementStrategy(score: score, isExplicit: isExplicit) }

    /// The profile as it stands now: a score that was given long ago gives way to the one that behaviour gives, if there has ever been
    /// any: silence does not bring the given one back.
    func completed(by preferences: BehavioralPreferences?, scoreDays: Int, now: Timestamp) -> BehavioralProfile {
        guard let preferences, preferences.isOfBehavior else { return self }
        var completed = self
        if let days = preferences.features.daysSinceLastEvent {
            let lastEvent = Timestamp(milliseconds: now.milliseconds - Int64((days * 86_400_000).rounded()))
            completed.lastEngagedAt = max(lastEngagedAt ?? lastEvent, lastEvent)
        }
        if interests.isEmpty { completed.interests = preferences.categories.prefix(5).map(\.name).joined(separator: ", ") }
        if now.days(since: scoredAt) >= Double(scoreDays) {
            completed.score = preferences.score
            completed.isExplicit = false
        }
        return completed
    }
}

/// What is to change of a behavioral profile; nil: nothing.
package struct BehavioralProfileChange: Sendable {
    package var leadID: [UInt8]?
    package var score: Double?
    package var interests: String?
    package var level: EngagementLevel?
    package var lastEngagedAt: Timestamp?

    package init() {}

    /// - Parameter present: the score where none is given.
    func validate(present: Double?) throws(EngineError) {
        var violations: [EngineError.Violation] = []
        if let score, !(0...100).contains(score) {
            violations.append(.init(pointer: "/behavioral_score", detail: "must be from 0 to 100"))
        }
        if let level, let effective = score ?? present, EngagementLevel(score: effective) != level {
            violations.append(.init(pointer: "/engagement_level", detail: "contradicts the score: high from 70, medium from 40, low below"))
        }
        if let interests, interests.utf8.count > Limits.interestsBytesMax {
            violations.append(.init(pointer: "/interests", detail: "must be at most 4096 bytes long"))
        }
        if let leadID, leadID.count > Limits.objectIDBytesMax {
            violations.append(.init(pointer: "/lead_id", detail: "must be at most 256 bytes long"))
        }
        if !violations.isEmpty { throw .invalid(violations) }
    }
}

/// The stored form.
extension BehavioralProfile {
    init(_ record: BehavioralProfileRecord) throws(EngineError) {
        id = record.id
        userID = try UserID(record.userID)
        leadID = Array(record.leadID)
        score = record.score
        interests = record.interests
        lastEngagedAt = record.hasLastEngagedAt ? Timestamp(milliseconds: record.lastEngagedAt) : nil
        createdAt = Timestamp(milliseconds: record.createdAt)
        updatedAt = Timestamp(milliseconds: record.updatedAt)
        scoredAt = Timestamp(milliseconds: record.scoredAt)
    }

    var record: BehavioralProfileRecord {
        BehavioralProfileRecord.with { record in
            record.id = id
            record.userID = userID.text
            record.leadID = Data(leadID)
            record.score = score
            record.interests = interests
            if let lastEngagedAt { record.lastEngagedAt = lastEngagedAt.milliseconds }
            record.createdAt = createdAt.milliseconds
            record.updatedAt = updatedAt.milliseconds
            record.scoredAt = scoredAt.milliseconds
        }
    }

    mutating func apply(_ change: BehavioralProfileChange, at now: Timestamp) {
        if let leadID = change.leadID { self.leadID = leadID }
        if let interests = change.interests { self.interests = interests }
        if let lastEngagedAt = change.lastEngagedAt { self.lastEngagedAt = lastEngagedAt }
        if let score = change.score {
            self.score = score
            scoredAt = now
        }
        updatedAt = max(updatedAt, now)
    }
}
