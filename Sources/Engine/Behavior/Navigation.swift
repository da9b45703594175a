/// What navigation counts over all users of a tenant: pages, steps from one to the next, and the first pages of visits.
///
/// It is a function of a session's path, so that what a user has added to the sums can be taken back to the last one.
package struct NavigationCount: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case page = "PAGE"
        case step = "STEP"
        case journey = "JOURNEY"
    }

    package let kind: Kind
    package let pages: [String]
    package internal(set) var count: Int = 1
    package internal(set) var entries = 0
    package internal(set) var returnEntries = 0
    package internal(set) var dwellMilliseconds: Int64 = 0
    /// Of a page: views whose time is in `dwellMilliseconds`. Of a step: those whose time is with the page it starts from.
    package internal(set) var timed = 0
    /// Views of the page, or of the one that a step starts from, in visits that had reached their goal by then.
    package internal(set) var behindGoal = 0

    /// What the page at `place` of a path adds to the sums.
    static func added(by place: Int, of session: Session) -> [NavigationCount] {
        let visited = session.path[place]
        var page = NavigationCount(kind: .page, pages: [visited.page])
        page.dwellMilliseconds = visited.ownMilliseconds
        page.timed = visited.ownMilliseconds > 0 ? 1 : 0
        page.behindGoal = visited.isBehindGoal ? 1 : 0
        guard place > 0 else {
            page.entries = 1
            page.returnEntries = session.isReturn ? 1 : 0
            return [page]
        }
        let before = session.path[place - 1]
        var step = NavigationCount(kind: .step, pages: [before.page, visited.page])
        step.dwellMilliseconds = before.milliseconds(until: visited)
        step.timed = before.ownMilliseconds > 0 ? 1 : 0
        step.behindGoal = before.isBehindGoal ? 1 : 0
        guard place < Limits.journeyPagesMax else { return [page, step] }
        return [page, step, NavigationCount(kind: .journey, pages: session.path[...place].map(\.page))]
    }

    /// What the same pages count now that they did not count before: no view, and what has become known of one.
    func difference(from before: NavigationCount) -> NavigationCount {
        var difference = self
        difference.count -= before.count
        difference.entries -= before.entries
        difference.returnEntries -= before.returnEntries
        difference.dwellMilliseconds -= before.dwellMilliseconds
        difference.timed -= before.timed
        difference.behindGoal -= before.behindGoal
        return difference
    }

    /// All that a session has added.
    package static func all(of session: Session) -> [NavigationCount] {
        session.path.indices.flatMap { added(by: $0, of: session) }
    }
}

/// The name that a page goes by in navigation: its path, with what looks like an id left out.
package enum PageName {
    /// - Parameter url: absolute, or a path; query and fragment do not matter.
    package static func of(url: String) -> String? {
        var rest = Array(url.utf8)[...]
        rest = rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[colon...].starts(with: Array("://".utf8)) {
            rest = rest[(colon + 3)...].drop { $0 != UInt8(ascii: "/") }
        }
        guard !url.isEmpty else { return nil }
        let segments = rest.split(separator: UInt8(ascii: "/")).map { isIdentifier($0) ? Array(":id".utf8)[...] : $0 }
        let path = [UInt8(ascii: "/")] + segments.joined(separator: [UInt8(ascii: "/")])
        return String(decoding: path.prefix(Limits.pageNameBytesMax), as: UTF8.self)
    }

    /// Numbers, and long runs of hexadecimal digits and dashes.
    private static func isIdentifier(_ segment: ArraySlice<UInt8>) -> Bool {
        let digits = segment.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if digits == segment.count { return true }
        return segment.count >= 16 && digits > 0
            && segment.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
