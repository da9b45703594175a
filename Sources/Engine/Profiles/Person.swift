import SwiftProtobuf

/// All that is known of a person, but for what happened: that is the timeline's.
package struct Person: Sendable {
    /// JSON.
    package let json: [UInt8]
    /// Of what a rectification changes, and for its condition alone: the document shows more.
    package let tag: EntityTagValue

    init(
        id: UserID, joined: [String], personalization: PersonalizationRecord?, traits: TraitsRecord?,
        behavioralProfile: BehavioralProfileRecord?, consentRecord: ConsentRecord?, tenant: Tenant, judgement: BehavioralPreferences?,
        visits: [Session], tag: EntityTagValue, now: Timestamp
    ) throws(EngineError) {
        self.tag = tag
        let document = try personalization.map { record throws(EngineError) in
            try CanonicalJSON.encode(PersonalizationDocument(PersonalizationProfile(record)))
        }
        let profile = try behavioralProfile.map { record throws(EngineError) in
            try BehavioralProfile(record).completed(by: judgement, scoreDays: tenant.explicitScoreDays, now: now)
        }
        let consent = ConsentState(consentRecord, of: tenant)
        let isSuppressed = try tenant.isSuppressed(id)
        var json = JSONText()
        json.object { json in
            json.member("userId", id.text)
            json.member("joinedIds", joined)
            json.traits(of: traits)
            json.key("personalization")
            json.raw(document ?? Array("null".utf8))
            json.key("behavioralProfile")
            if let profile { json.behavioralProfile(profile) } else { json.raw("null".utf8) }
            json.key("behavior")
            if let judgement { json.behavior(judgement) } else { json.raw("null".utf8) }
            // An intent is concluded, as the score is; that somebody was there is not.
            json.member("sessions", of: visits) { json, visit in
                json.visit(visit, intent: judgement.map { _ in SessionIntent(visit, now: now) })
            }
            json.key("consent")
            json.consent(consent, isSuppressed: isSuppressed)
        }
        self.json = json.bytes
    }
}

extension JSONText {
    fileprivate mutating func members(_ traits: [TraitRecord]) {
        object { json in
            for trait in traits where !trait.value.elementsEqual("null".utf8) {
                json.key(trait.name)
                json.raw(trait.value)
            }
        }
    }

    fileprivate mutating func traits(of record: TraitsRecord?) {
        key("traits")
        members(record?.traits ?? [])
        member("groups", of: record?.groups ?? []) { json, group in
            json.object { json in
                json.member("groupId", group.groupID)
                json.member("joinedAt", milliseconds: group.joinedAt)
                json.key("traits")
                json.members(group.traits)
            }
        }
    }

    fileprivate mutating func behavioralProfile(_ profile: BehavioralProfile) {
        object { json in
            json.member("id", profile.id)
            json.member("score", profile.score)
            json.member("scoreIsGiven", profile.isExplicit)
            json.member("engagementLevel", profile.level.rawValue)
            json.member("interests", profile.interests)
            json.member("updatedAt", profile.updatedAt.rfc3339)
        }
    }

    fileprivate mutating func behavior(_ judgement: BehavioralPreferences) {
        object { json in
            json.member("score", judgement.score)
            json.member("engagementLevel", judgement.level.rawValue)
            json.member("totalEvents", judgement.features.totalEvents)
            json.member("categories", of: judgement.categories) { json, category in
                json.object { json in
                    json.member("name", category.name)
                    json.member("weight", category.weight)
                }
            }
        }
    }

    fileprivate mutating func visit(_ session: Session, intent: SessionIntent?) {
        object { json in
            json.member("sessionId", session.clientID ?? session.startedAt.rfc3339)
            json.member("startedAt", session.startedAt.rfc3339)
            json.member("endedAt", session.lastAt.rfc3339)
            json.member("pages", session.pages)
            json.member("secondsOnSite", session.secondsOnSite)
            json.key("intent")
            if let intent { json.value(intent.rawValue) } else { json.raw("null".utf8) }
        }
    }

    fileprivate mutating func consent(_ state: ConsentState, isSuppressed: Bool) {
        object { json in
            json.key("purposes")
            json.object { json in
                for purpose in Purpose.allCases { json.member(purpose.rawValue, state.isGranted(purpose)) }
            }
            json.member("restricted", state.isRestricted)
            json.member("suppressed", isSuppressed)
            if let source = state.source { json.member("source", source) }
            if let updatedAt = state.updatedAt { json.member("updatedAt", updatedAt.rfc3339) }
        }
    }
}
