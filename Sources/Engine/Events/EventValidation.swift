/// What an event may hold, whichever way it comes.
package enum EventValidation {
    /// - Returns: what is wrong, with pointers into the event as the tracking protocol has it; empty: nothing.
    package static func violations(of event: Event) -> [EngineError.Violation] {
        var found: [EngineError.Violation] = []
        // Every event passes here: what is wrong is put into words where something is.
        func check(_ holds: Bool, _ pointer: String, _ detail: @autoclosure () -> String) {
            if !holds { found.append(.init(pointer: pointer, detail: detail())) }
        }
        func checkCharacters(_ text: String, max: Int, _ pointer: String) {
            // One character, as JSON Schema counts them, is one to four bytes: most texts need not be counted, and no huge one is.
            let isOver = text.utf8.count > max && (text.utf8.count > max * 4 || text.unicodeScalars.count > max)
            check(
                !isOver && !ControlCharacters.areIn(text.utf8), pointer,
                "must be at most \(max) characters long, without control characters")
        }
        func checkText(_ text: String, bytesMax: Int, _ pointer: String, _ detail: String) {
            check(text.utf8.count <= bytesMax && !ControlCharacters.areIn(text.utf8), pointer, detail)
        }
        check(event.userID != nil || event.anonymousID != nil, "/userId", "is missing, and so is anonymousId")
        check((1...Limits.messageIDBytesMax).contains(event.messageID.utf8.count), "/messageId", "must be 1 to 256 bytes long")
        check(event.kind != .track || !event.name.isEmpty, "/event", "is missing")
        checkCharacters(event.name, max: Limits.eventNameCharactersMax, "/event")
        checkCharacters(event.category ?? "", max: Limits.categoryCharactersMax, "/properties/category")
        for (id, pointer) in [(event.productID, "/properties/product_id"), (event.groupBuyID, "/properties/group_buy_id")] {
            checkText(id ?? "", bytesMax: Limits.objectIDBytesMax, pointer, "must be at most 256 bytes, without control characters")
        }
        check(event.sessionID?.utf8.count ?? 0 <= Limits.objectIDBytesMax, "/sessionId", "must be at most 256 bytes long")
        check(event.rating.map { $0 >= 0 && $0 <= 5 } ?? true, "/properties/rating", "must be from 0 to 5")
        check(event.timeZone == "UTC" || TimeZones.isKnown(event.timeZone), "/context/timezone", "must be an IANA time zone name")
        check(event.kind != .alias || event.previousID != nil, "/previousId", "is missing")
        check(event.kind != .alias || event.userID != nil, "/userId", "is missing")
        check(event.kind != .group || event.groupID != nil, "/groupId", "is missing")
        check(event.groupID.map { !PlaceholderIDs.isArtefact($0) } ?? true, "/groupId", "stands for no group")
        checkText(
            event.groupID ?? "", bytesMax: Limits.objectIDBytesMax, "/groupId", "must be at most 256 bytes, without control characters")
        check(event.traits.count <= Limits.eventTraitsMax, "/traits", "must hold at most 100 members")
        return found
    }
}
