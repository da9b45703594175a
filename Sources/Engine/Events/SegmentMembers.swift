/// The members of a Segment-shaped event.
struct SegmentMembers {
    /// Whether addresses and titles are members of their own, and `type` says what happened.
    private let isFlat: Bool
    private(set) var type: String?
    private(set) var messageID: String?
    /// `timestamp`: when it happened.
    private(set) var timestamp: Timestamp?
    /// `originalTimestamp`: when it happened by the clock of its sender.
    private(set) var original: Timestamp?
    /// By the clock of its sender. What cannot be read says nothing, and the event keeps its time.
    private(set) var sentAt: Timestamp?
    /// When another collector received it.
    private(set) var receivedAt: Timestamp?
    /// Whether another collector passed it on, which has corrected `timestamp`.
    private(set) var isForwarded = false
    private var isOriginalUnreadable = false
    /// Whether the user is named by what stands for nobody.
    private(set) var hasPlaceholder = false
    private(set) var violations: [EngineError.Violation] = []
    private var userID: UserID?
    private var anonymousID: UserID?
    private var previousID: UserID?
    private var groupID: String?
    private var event: String?
    private var name: String?
    private var sessionID: String?
    private var properties: JSONView?
    private var traits: JSONView?
    private var context: JSONView?
    private var page: [(name: StaticString, value: JSONView)] = []

    init(isFlat: Bool) {
        self.isFlat = isFlat
    }

    mutating func read(_ view: JSONView) {
        readMembers(view)
        // Beside `timestamp` it is not needed.
        if isOriginalUnreadable, timestamp == nil { refuse("/originalTimestamp", Self.timeDetail) }
    }

    private mutating func readMembers(_ view: JSONView) {
        view.forEachMember { member, value in
            guard !value.isNull else { return }
            switch member {
            case "type": type = text(value, "/type")
            case "messageId": if !value.isMended { messageID = text(value, "/messageId") }
            case "timestamp": timestamp = time(value, "/timestamp")
            case "originalTimestamp":
                (original, isForwarded) = (value.moment, true)
                isOriginalUnreadable = original == nil
            case "sentAt": sentAt = value.moment
            case "receivedAt": (receivedAt, isForwarded) = (value.moment, true)
            case "userId": userID = namedUser(value)
            case "anonymousId": anonymousID = id(value, "/anonymousId")
            case "previousId": previousID = id(value, "/previousId")
            case "groupId": groupID = textOrInteger(value, "/groupId")
            case "event": event = text(value, "/event")
            case "name": name = text(value, "/name")
            case "sessionId": sessionID = session(value, "/sessionId")
            case "properties": properties = object(value, "/properties")
            case "traits": traits = object(value, "/traits")
            case "context": context = object(value, "/context")
            case "url" where isFlat: page.append(("url", value))
            case "title" where isFlat: page.append(("title", value))
            case "referrer" where isFlat: page.append(("referrer", value))
            case "dwellSeconds" where isFlat: page.append(("dwellSeconds", value))
            case "scrollDepth" where isFlat: page.append(("scrollDepth", value))
            default: return
            }
        }
    }

    mutating func fill(_ event: inout Event, sharedContext: JSONView?) {
        event.userID = userID
        event.anonymousID = anonymousID
        event.previousID = previousID
        event.groupID = groupID
        event.sessionID = sessionID
        event.name = (event.kind == .track ? isFlat ? type : self.event : isFlat ? nil : name) ?? ""
        fillContext(sharedContext, &event)
        if let context { fillContext(context, &event) }
        if let properties {
            event.properties = properties.kind == .object && properties.raw.count > 2 ? Array(properties.raw) : []
            fillProperties(properties, &event)
        }
        if isFlat { fillFlat(&event) }
        guard event.kind == .identify || event.kind == .group else { return }
        let told = traits ?? context?.member("traits")
        told?.forEachMember { name, value in event.traits.append(Trait(name: name, value: Array(value.raw))) }
    }

    private mutating func fillProperties(_ properties: JSONView, _ event: inout Event) {
        properties.forEachMember { member, value in
            guard !value.isNull else { return }
            switch member {
            case "product_id": event.productID = textOrInteger(value, "/properties/product_id")
            case "group_buy_id": event.groupBuyID = textOrInteger(value, "/properties/group_buy_id")
            case "category": event.category = text(value, "/properties/category")
            // Of a foreign client's event a rating that is none is a property like any other; Attune's own are told.
            case "rating" where isFlat: event.rating = number(value, "/properties/rating")
            case "rating": event.rating = value.number.flatMap { $0 >= 0 && $0 <= 5 ? $0 : nil }
            case "session_id": event.sessionID = event.sessionID ?? session(value, "/properties/session_id")
            case "url": event.url = short(value) ?? event.url
            case "title": event.title = short(value) ?? event.title
            case "referrer": event.referrer = short(value) ?? event.referrer
            case "dwellSeconds": event.setDwell(seconds: value.number)
            case "scrollDepth": event.setScroll(percent: value.number)
            case "name" where event.kind != .track && event.name.isEmpty: event.name = short(value) ?? ""
            default: return
            }
        }
    }

    private mutating func fillContext(_ context: JSONView?, _ event: inout Event) {
        context?.forEachMember { member, value in
            switch member {
            // Browsers name zones that nobody knows, such as `Etc/Unknown`: the event counts in UTC.
            case "timezone": if let zone = value.string { event.timeZone = TimeZones.isKnown(zone) ? zone : "UTC" }
            case "userAgent": if let agent = value.string, BotAgents.isBot(agent) { event.isBot = true }
            case "sessionId":
                let id = value.isMended ? nil : value.string ?? value.integer.map { String($0) }
                event.sessionID = event.sessionID ?? id.flatMap { PlaceholderIDs.standsForNobody($0) ? nil : $0 }
            case "page":
                if event.url.isEmpty { event.url = value.member("url").flatMap { short($0) } ?? "" }
                if event.title.isEmpty { event.title = value.member("title").flatMap { short($0) } ?? "" }
                if event.referrer.isEmpty { event.referrer = value.member("referrer").flatMap { short($0) } ?? "" }
            default: return
            }
        }
    }
}

/// The flat shape.
extension SegmentMembers {
    private mutating func fillFlat(_ event: inout Event) {
        var kept: [UInt8] = []
        for (name, value) in page {
            let pointer = "/\(name)"
            switch "\(name)" {
            case "url": event.url = address(value, pointer) ?? ""
            case "title": event.title = address(value, pointer) ?? ""
            case "referrer": event.referrer = address(value, pointer) ?? ""
            default:
                guard let number = number(value, pointer), number >= 0, number <= 10_000_000 else {
                    refuse(pointer, "must be a number from 0 to 10,000,000")
                    continue
                }
                if "\(name)" == "dwellSeconds" { event.setDwell(seconds: number) } else { event.setScroll(percent: number) }
                kept += Array(",\"\(name)\":".utf8) + value.raw
            }
        }
        let isURLRefused = violations.contains { $0.pointer == "/url" }
        if event.kind == .page, event.url.isEmpty, !isURLRefused { refuse("/url", "is missing") }
        guard !kept.isEmpty else { return }
        // Among the properties, from which nothing is lost.
        let properties = event.properties.isEmpty ? Array("{}".utf8) : event.properties
        let inside = properties.dropFirst().dropLast()
        let isEmpty = inside.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        event.properties = [UInt8(ascii: "{")] + (isEmpty ? [] : inside) + kept.dropFirst(isEmpty ? 1 : 0) + [UInt8(ascii: "}")]
    }

    private mutating func address(_ view: JSONView, _ pointer: String) -> String? {
        guard let text = text(view, pointer) else { return nil }
        guard text.utf8.count <= Limits.urlBytesMax else {
            refuse(pointer, "must be at most 2048 bytes long")
            return nil
        }
        return text
    }
}

/// Values of the types that the protocol has; what is of another type is noted.
extension SegmentMembers {
    private mutating func refuse(_ pointer: String, _ detail: String) {
        violations.append(.init(pointer: pointer, detail: detail))
    }

    private mutating func text(_ view: JSONView, _ pointer: String) -> String? {
        guard let text = view.string else {
            refuse(pointer, "must be a string")
            return nil
        }
        return text
    }

    private mutating func textOrInteger(_ view: JSONView, _ pointer: String) -> String? {
        // Two texts that are cut differently would be one id.
        if !view.isMended, let text = view.string ?? view.integer.map({ String($0) }) { return text.isEmpty ? nil : text }
        refuse(pointer, view.isMended ? "must not hold half of a surrogate pair" : "must be a string or an integer of 64 bits")
        return nil
    }

    /// `userId`: an artefact of a program is refused, which names anybody.
    private mutating func namedUser(_ view: JSONView) -> UserID? {
        if let text = view.string, PlaceholderIDs.isArtefact(text) {
            hasPlaceholder = true
            // SDKs send an empty one for a visitor.
            if !text.isEmpty { refuse("/userId", "stands for nobody") }
            return nil
        }
        return id(view, "/userId")
    }

    /// `sessionId`: one that stands for nothing names no session.
    private mutating func session(_ view: JSONView, _ pointer: String) -> String? {
        textOrInteger(view, pointer).flatMap { PlaceholderIDs.standsForNobody($0) ? nil : $0 }
    }

    private mutating func id(_ view: JSONView, _ pointer: String) -> UserID? {
        guard let text = textOrInteger(view, pointer) else { return nil }
        do throws(EngineError) {
            return try UserID(text, pointer: pointer)
        } catch {
            violations += error.violations
            return nil
        }
    }

    private mutating func number(_ view: JSONView, _ pointer: String) -> Double? {
        guard let number = view.number, number.isFinite else {
            refuse(pointer, "must be a number")
            return nil
        }
        return number
    }

    private mutating func object(_ view: JSONView, _ pointer: String) -> JSONView? {
        guard let object = view.object else {
            refuse(pointer, "must be an object")
            return nil
        }
        return object
    }

    private mutating func time(_ view: JSONView, _ pointer: String) -> Timestamp? {
        guard let moment = view.moment else {
            refuse(pointer, Self.timeDetail)
            return nil
        }
        return moment
    }

    private static let timeDetail = "must be a time as in ISO 8601, or seconds or milliseconds since 1970"

    /// Addresses and titles: what is no text says nothing, what is long is cut between two characters.
    private func short(_ view: JSONView) -> String? {
        guard let text = view.string, text.utf8.count > Limits.urlBytesMax else { return view.string }
        var bytes = text.utf8.prefix(Limits.urlBytesMax)
        while let cut = String(bytes) == nil ? bytes.popLast() : nil { _ = cut }
        return String(bytes)
    }
}

/// What a client has measured: what is no number or makes no sense counts as nothing, and more than a day of looking at a page as a day.
extension Event {
    fileprivate mutating func setDwell(seconds: Double?) {
        guard let seconds, seconds > 0 else { return }
        dwellMilliseconds = UInt32((min(seconds, Double(Limits.sessionSecondsMax)) * 1000).rounded())
    }

    fileprivate mutating func setScroll(percent: Double?) {
        guard let percent, percent > 0 else { return }
        scrollPercent = UInt32(min(percent, 100).rounded())
    }
}
