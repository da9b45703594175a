import FoundationEssentials
import SwiftProtobuf

/// Records of a user as they stand in an export: times in RFC 3339, what was sent as JSON as that JSON.
extension JSONText {
    mutating func event(_ event: EventRecord) {
        object { json in
            json.member("type", EventKind(rawValue: event.kind)?.name ?? "unknown")
            json.present("name", event.name)
            json.member("at", milliseconds: event.at)
            json.member("receivedAt", milliseconds: event.receivedAt)
            json.member("messageId", event.messageID)
            json.present("anonymousId", event.anonymousID)
            json.present("url", event.url)
            json.present("title", event.title)
            json.present("referrer", event.referrer)
            json.present("productId", event.productID)
            json.present("groupBuyId", event.groupBuyID)
            json.present("category", event.category)
            json.present("sessionId", event.sessionID)
            json.member("timeZone", event.timeZone)
            if event.hasRating { json.member("rating", event.rating) }
            if event.dwellMilliseconds > 0 { json.member("dwellMilliseconds", event.dwellMilliseconds) }
            if event.scrollPercent > 0 { json.member("scrollPercent", event.scrollPercent) }
            if event.isBot { json.member("isBot", true) }
            if !event.properties.isEmpty {
                json.key("properties")
                json.raw(event.properties)
            }
        }
    }

    private mutating func decisions(_ decisions: [ConsentDecisionRecord]) {
        member("decisions", of: decisions) { json, decision in
            json.object { json in
                json.member("purpose", Purpose(decision.purpose)?.rawValue ?? "unknown")
                json.member("granted", decision.isGranted)
                json.member("decidedAt", milliseconds: decision.decidedAt)
            }
        }
    }

    mutating func consent(_ record: ConsentRecord) {
        object { json in
            json.decisions(record.decisions)
            json.present("source", record.source)
            if record.updatedAt > 0 { json.member("updatedAt", milliseconds: record.updatedAt) }
            json.member("restricted", record.isRestricted)
            if record.isRestricted { json.member("restrictedAt", milliseconds: record.restrictedAt) }
        }
    }

    mutating func consentChange(_ record: ConsentChangeRecord) {
        object { json in
            json.decisions(record.decisions)
            json.member("source", record.source)
            json.present("wordingVersion", record.wordingVersion)
            json.present("channel", record.channel)
            json.member("credential", ConsentEntry(record).credential.rawValue)
            json.member("decidedAt", milliseconds: record.decidedAt)
        }
    }

    private mutating func traitList(_ traits: [TraitRecord]) {
        member("traits", of: traits) { json, trait in
            json.object { json in
                json.member("name", trait.name)
                json.key("value")
                json.raw(trait.value)
                json.member("setAt", milliseconds: trait.setAt)
                json.member("setBy", ConsentEntry.CredentialKind(trait.saidBy).rawValue)
            }
        }
    }

    mutating func traits(_ record: TraitsRecord) {
        object { json in
            json.traitList(record.traits)
            json.member("groups", of: record.groups) { json, group in
                json.object { json in
                    json.member("groupId", group.groupID)
                    json.member("joinedAt", milliseconds: group.joinedAt)
                    json.traitList(group.traits)
                }
            }
        }
    }

    mutating func identity(_ record: IdentityRecord) {
        object { json in
            if record.hasJoinedInto { json.member("joinedInto", record.joinedInto) }
            json.member("joinedFrom", record.joinedFrom)
        }
    }

    mutating func exchange(_ record: AIExchangeRecord) {
        object { json in
            json.member("at", milliseconds: record.at)
            json.member("kind", record.kind)
            json.member("model", record.model)
            json.member("promptVersion", record.promptVersion)
            json.member("sent", record.sent)
            json.member("received", String(decoding: record.received, as: UTF8.self))
            json.member("outcome", record.outcome)
            json.member("tries", record.tries)
            json.member("inputTokens", record.inputTokens)
            json.member("outputTokens", record.outputTokens)
        }
    }

    mutating func keptAnswer(_ record: KeptAnswerRecord) {
        object { json in
            json.member("status", record.status)
            json.member("contentType", record.contentType)
            json.member("body", String(decoding: record.body, as: UTF8.self))
        }
    }
}

/// What was derived, and what AI has written.
extension JSONText {
    mutating func behavioralProfile(_ record: BehavioralProfileRecord) {
        object { json in
            json.member("id", record.id)
            if !record.leadID.isEmpty {
                json.key("leadId")
                json.raw(record.leadID)
            }
            json.member("score", record.score)
            json.member("engagementLevel", EngagementLevel(score: record.score).rawValue)
            json.member("logic", "high from 70, medium from 40, low below")
            json.member("interests", record.interests)
            if record.hasLastEngagedAt { json.member("lastEngagedAt", milliseconds: record.lastEngagedAt) }
            json.member("createdAt", milliseconds: record.createdAt)
            json.member("updatedAt", milliseconds: record.updatedAt)
            json.member("scoredAt", milliseconds: record.scoredAt)
        }
    }

    mutating func behavior(_ record: BehaviorRecord) {
        object { json in
            json.member("firstSeenAt", milliseconds: record.firstSeenAt)
            json.member("lastSeenAt", milliseconds: record.lastSeenAt)
            json.member("countedEvents", record.countedEvents)
            json.member("sessions", record.sessions)
            json.member("anonymous", record.isAnonymous)
            if record.hasLatestDay {
                json.key("latestDay")
                json.day(record.latestDay)
            }
            if record.hasOpenSession {
                json.key("openSession")
                json.session(record.openSession)
            }
        }
    }

    private mutating func types(_ counts: [UInt32]) {
        key("interactions")
        object { json in
            for (type, count) in zip(InteractionType.allCases, counts) where count > 0 { json.member(type.name, count) }
        }
    }

    private mutating func categories(_ records: [CategoryDayRecord]) {
        member("categories", of: records) { json, record in
            json.object { json in
                json.member("name", record.name)
                json.member("events", record.events)
                json.member("weight", Double(record.doubledWeight) / 2)
            }
        }
    }

    mutating func day(_ record: DayRecord) {
        object { json in
            json.member("day", String(Timestamp(seconds: record.day * 86_400).rfc3339.prefix(10)))
            json.member("events", record.events)
            json.types(record.byType)
            json.member("byHour", of: record.byHour) { $0.raw(String($1).utf8) }
            json.member("distinctProducts", record.products.count)
            json.categories(record.categories)
            json.member("dwellMilliseconds", record.dwellMilliseconds)
        }
    }

    /// With its intent as of its end.
    mutating func session(_ record: SessionRecord) {
        let session = Session(record)
        let intent = SessionIntent(session, now: session.lastAt.adding(seconds: Limits.sessionSilenceSeconds))
        object { json in
            json.member("intent", intent.rawValue)
            json.member("secondsOnSite", session.secondsOnSite)
            json.present("sessionId", record.clientID)
            json.member("startedAt", milliseconds: record.startedAt)
            json.member("lastAt", milliseconds: record.lastAt)
            json.member("events", record.events)
            json.types(record.byType)
            json.categories(record.categories)
            json.member("path", of: session.path) { json, page in
                json.object { json in
                    json.member("page", page.page)
                    json.member("at", milliseconds: page.at.milliseconds)
                }
            }
            json.member("isReturn", record.isReturn)
        }
    }

    private mutating func actions(_ name: String, _ actions: [AdvisedActionRecord]) {
        member(name, of: actions) { json, action in
            json.object { json in
                json.member("title", action.title)
                json.member("description", action.description_p)
                json.member("action", action.action)
                json.present("reason", action.reason)
                json.member("confidence", action.confidence)
                json.member("basedOn", action.basedOn)
            }
        }
    }

    private mutating func origin(_ record: AdviceOriginRecord) {
        member("model", record.model)
        member("promptVersion", record.promptVersion)
        member("madeAt", milliseconds: record.madeAt)
    }

    mutating func advice(_ record: AdviceRecord) {
        object { json in
            if record.hasOrigin { json.origin(record.origin) }
            json.actions("priorityActions", record.priorityActions)
            json.actions("nextBestActions", record.nextBestActions)
            json.member("suggestedContent", of: record.suggestedContent) { json, content in
                json.object { json in
                    json.member("contentType", content.contentType)
                    json.member("title", content.title)
                    json.member("reason", content.reason)
                }
            }
            json.member("marketInsights", of: record.marketInsights) { json, insight in
                json.object { json in
                    json.member("title", insight.title)
                    json.member("description", insight.description_p)
                }
            }
        }
    }

    mutating func suggestions(_ record: SuggestionsRecord) {
        object { json in
            json.member("answers", of: record.answers) { json, answer in
                json.object { json in
                    if answer.hasOrigin { json.origin(answer.origin) }
                    json.actions("suggestions", answer.suggestions)
                }
            }
        }
    }
}
