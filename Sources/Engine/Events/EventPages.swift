import Store

/// Puts events on pages: items of several events each, so that an event costs no item of its own.
///
/// A page takes events that are not before its last one and lie within half an hour of its first. An event that comes late, or finds no
/// page, begins another.
struct EventPages {
    private struct Page {
        let name: String
        let firstAt: Timestamp
        var lastAt: Timestamp
        var payload: [UInt8]
        let isNew: Bool

        func takes(_ moment: Timestamp) -> Bool {
            moment >= lastAt && moment <= firstAt.adding(seconds: Limits.eventPageSeconds) && payload.count < Limits.eventPageBytes
        }
    }

    private let user: UserID
    private let retentionDays: Int
    private var pages: [Page] = []

    init(user: UserID, retentionDays: Int) {
        self.user = user
        self.retentionDays = retentionDays
    }

    /// Takes the page that was being filled, where it can be filled on.
    mutating func resume(_ tail: BehaviorState.Tail, for moment: Timestamp, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        guard tail.takes(moment) else { return }
        // It may have expired since.
        guard let payload = try draft.payload(of: .eventPage(user, name: tail.name)) else { return }
        pages.append(Page(name: tail.name, firstAt: tail.firstAt, lastAt: tail.lastAt, payload: payload, isNew: false))
    }

    mutating func append(_ event: PreparedEvent) {
        let at = event.event.at
        if let place = pages.lastIndex(where: { $0.takes(at) }) {
            pages[place].payload += event.encoded
            pages[place].lastAt = at
        } else {
            let name = Keyspace.timeName(at, digest: event.digest)
            pages.append(Page(name: name, firstAt: at, lastAt: at, payload: event.encoded, isNew: true))
        }
    }

    /// - Returns: the page to be filled on.
    mutating func put(into draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> BehaviorState.Tail? {
        try draft.require(pages.map { .eventPage(user, name: $0.name) })
        for page in pages {
            // Two names are the same once in a great while; then the page takes both.
            let before = page.isNew ? try draft.payload(of: .eventPage(user, name: page.name)) ?? [] : []
            try draft.put(
                .eventPage(user, name: page.name), payload: before + page.payload,
                expiresAt: page.firstAt.adding(seconds: Int64(retentionDays) * 86_400))
        }
        return pages.max { $0.lastAt < $1.lastAt }.map { page in
            .init(name: page.name, firstAt: page.firstAt, lastAt: page.lastAt, bytes: page.payload.count)
        }
    }
}
