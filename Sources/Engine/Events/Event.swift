/// Something that a user did, or that is said of a user, however it has come here.
package struct Event: Sendable, Equatable {
    package var kind: EventKind
    /// Of a `track`, what happened; of a `page` or `screen`, its name.
    package var name = ""
    package var at: Timestamp
    package var messageID: String
    package var userID: UserID?
    package var anonymousID: UserID?
    package var url = ""
    package var title = ""
    package var referrer = ""
    package var productID: String?
    package var groupBuyID: String?
    package var category: String?
    package var rating: Double?
    /// How long the page was looked at since that was last told, as the client has measured it; 0: it says nothing of that.
    package var dwellMilliseconds: UInt32 = 0
    /// The most of the page that has been seen, 0 to 100.
    package var scrollPercent: UInt32 = 0
    package var sessionID: String?
    package var timeZone = "UTC"
    /// Of an `alias`: the id that the user had before.
    package var previousID: UserID?
    /// Of a `group`: the account.
    package var groupID: String?
    /// Of `identify` and `group`.
    package var traits: [Trait] = []
    /// `properties` as they were sent, a JSON object; empty: none.
    package var properties: [UInt8] = []
    /// Whether it was taken under the visitor's id alone, though it is a user's by now.
    package var cameUnderVisitor = false
    /// Sent by a program, as its user agent says: kept, and not counted.
    package var isBot = false

    package init(kind: EventKind, at: Timestamp, messageID: String) {
        self.kind = kind
        self.at = at
        self.messageID = messageID
    }

    package var type: InteractionType? {
        switch kind {
        case .track: InteractionType(name: name)
        case .page: .pageView
        case .screen, .identify, .group, .alias: nil
        }
    }

    /// Whom it names besides the user, as far as that is somebody.
    var visitors: [UserID] { [anonymousID, previousID].compactMap(\.self).filter { !PlaceholderIDs.standsForNobody($0) } }

    /// Whether a link to another site was followed, as the tracker tells it.
    package var isOutboundClick: Bool { kind == .track && name == "outbound_click" }

    /// Whether it tells how closely a page was looked at, as the tracker does when the page is left.
    package var isMeasurement: Bool { kind == .track && name == "page_engagement" }

    /// The name of the page that was viewed, or that was measured; nil for what is neither.
    package var page: String? {
        switch kind {
        case .page: PageName.of(url: url) ?? (name.isEmpty ? nil : name)
        case .screen: name.isEmpty ? nil : name
        case .track: type == .pageView || isMeasurement ? PageName.of(url: url) : nil
        case .identify, .group, .alias: nil
        }
    }
}

/// One thing that is said of a user or of an account.
package struct Trait: Sendable, Equatable {
    package let name: String
    /// A JSON value; `null` takes the trait away.
    package let value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package var isRemoval: Bool { value == Array("null".utf8) }
}

/// What became of an event.
package struct EventOutcome: Sendable, Equatable {
    package enum Status: Sendable, Equatable {
        case accepted
        case duplicate
        case rejected(Reason)
    }

    package enum Reason: String, Sendable, CaseIterable {
        case consent
        case invalid
        case tooLarge = "too_large"
        /// The credential is for another user.
        case forbidden
        /// Older than the tenant keeps events, or ahead of time.
        case timestamp
        /// The user is named by what stands for nobody, such as `undefined`.
        case id
    }

    package let messageID: String
    package let status: Status

    package init(messageID: String, status: Status) {
        self.messageID = messageID
        self.status = status
    }
}
