import Engine

/// Bodies of the routes under `/api/behavioral-ml`; `Schemas/openapi.yaml` describes them.

struct InteractionBody: Decodable {
    let userId: TextOrInteger?
    let productId: TextOrInteger?
    let groupBuyId: TextOrInteger?
    let interactionType: String
    let category: String?
    let sessionId: TextOrInteger?
    let timestamp: WireTime?
    let rating: Double?
    let messageId: String?

    private enum CodingKeys: String, CodingKey {
        case userId = "user_id"
        case productId = "product_id"
        case groupBuyId = "group_buy_id"
        case interactionType = "interaction_type"
        case sessionId = "session_id"
        case category, timestamp, rating, messageId
    }

    /// - Parameter owner: the user whose token it is, where it is one.
    func event(receivedAt: Timestamp, messageID: String, owner: UserID?, isBot: Bool) throws(EngineError) -> Event {
        guard let type = InteractionType(name: interactionType) else {
            throw .invalid("/interaction_type", "must be one of the fifteen interaction types")
        }
        let at = try timestamp?.checked(pointer: "/timestamp")
        var event = Event(kind: .track, at: at ?? receivedAt, messageID: messageId ?? messageID)
        event.name = type.name
        event.userID = try userId.map { id throws(EngineError) in try id.userID(pointer: "/user_id") } ?? owner
        guard let named = event.userID else { throw .invalid("/user_id", "is missing") }
        guard !PlaceholderIDs.isArtefact(named.text) else { throw .invalid("/user_id", "stands for nobody") }
        event.productID = productId?.text
        event.groupBuyID = groupBuyId?.text
        event.category = category
        event.sessionID = sessionId.map(\.text).flatMap { PlaceholderIDs.standsForNobody($0) ? nil : $0 }
        event.rating = rating
        event.isBot = isBot
        guard event.productID?.isEmpty == false || event.groupBuyID?.isEmpty == false || type.needsNoObject else {
            throw .invalid("/product_id", "is missing")
        }
        guard type != .ratingSubmitted || rating != nil else { throw .invalid("/rating", "is missing") }
        let violations = EventValidation.violations(of: event)
        guard violations.isEmpty else { throw .invalid(violations.map { $0.movedUp }) }
        return event
    }
}

extension EngineError.Violation {
    /// The same where what are properties of an event are members of the body.
    fileprivate var movedUp: EngineError.Violation {
        let names = ["/userId": "/user_id", "/sessionId": "/session_id"]
        return EngineError.Violation(pointer: names[pointer] ?? pointer.replacing("/properties/", with: "/"), detail: detail)
    }
}

struct ExtractionBody: Decodable {
    let userIds: [TextOrInteger]

    private enum CodingKeys: String, CodingKey {
        case userIds = "user_ids"
    }
}

extension EngagementLevel {
    init(wire text: String, pointer: String) throws(EngineError) {
        guard let level = EngagementLevel(rawValue: text) else { throw .invalid(pointer, "must be high, medium or low") }
        self = level
    }
}

struct BehavioralProfileBody: Decodable {
    let userId: TextOrInteger?
    let behavioralScore: Double?
    let interests: String?
    let engagementLevel: String?
    let lastEngagedAt: WireTime?

    private enum CodingKeys: String, CodingKey {
        case userId = "user_id"
        case behavioralScore = "behavioral_score"
        case interests
        case engagementLevel = "engagement_level"
        case lastEngagedAt = "last_engaged_at"
    }

    /// - Parameter leadID: `lead_id` as it stands in the body.
    func change(leadID: [UInt8]?) throws(EngineError) -> BehavioralProfileChange {
        var change = BehavioralProfileChange()
        change.leadID = leadID
        change.score = behavioralScore
        change.interests = interests
        change.level = try engagementLevel.map { text throws(EngineError) in
            try EngagementLevel(wire: text, pointer: "/engagement_level")
        }
        change.lastEngagedAt = try lastEngagedAt?.checked(pointer: "/last_engaged_at")
        return change
    }
}
