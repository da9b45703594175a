import Engine
import Hummingbird

/// How visits go, over all users of a tenant, and what one user has done.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/insights/journeys` | readInsights |
/// | GET | `/api/insights/navigation` | readInsights |
/// | GET | `/api/profiles/{userId}/timeline` | readTimeline |
struct InsightRoutes {
    private let insights: Insights
    private let behavior: Behavior

    init(_ engine: AttuneEngine) {
        insights = engine.insights
        behavior = engine.behavior
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.get("api/insights/journeys", use: journeys)
        routes.get("api/insights/navigation", use: navigation)
        routes.get("api/profiles/{userId}/timeline", use: timeline)
    }

    private func days(_ query: QueryParameters) throws -> Int {
        try query.integer("days", default: Limits.featureWindowDays, in: 1...Limits.insightDaysMax)
    }

    private func journeys(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let journeys = try await insights.journeys(
            context.scope, days: try days(query), limit: try query.integer("limit", default: 20, in: 1...Limits.insightEntriesMax))
        return .json(capacityBytes: 4096) { json in
            json.object { json in
                json.member("journeys", of: journeys) { json, journey in
                    json.object {
                        $0.member("path", journey.pages)
                        $0.member("sessions", journey.sessions)
                    }
                }
            }
        }
    }

    private func navigation(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let navigation = try await insights.navigation(context.scope, days: try days(query))
        let limit = try query.integer("limit", default: 20, in: 1...Limits.insightEntriesMax)
        return .json(capacityBytes: 4096) { navigation.write(to: &$0, limit: limit) }
    }

    private func timeline(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readTimeline)
        let query = QueryParameters(request.uri.query)
        let page = try await behavior.timeline(
            context.scope, user, limit: query.integer("limit", default: 50, in: 1...Limits.timelineEntriesMax), cursor: query.text("cursor")
        )
        return .json(capacityBytes: 64 + page.events.count * 384) { json in
            json.object { json in
                json.member("items", of: page.events) { $1.write(to: &$0) }
                json.key("nextCursor")
                if let cursor = page.nextCursor { json.value(cursor) } else { json.null() }
            }
        }
    }
}

extension Event {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("type", kind.name)
            if kind == .track { json.member("event", name) } else if !name.isEmpty { json.member("name", name) }
            json.member("messageId", messageID)
            json.member("timestamp", at)
            for (member, text) in [("url", url), ("title", title), ("referrer", referrer)] where !text.isEmpty {
                json.member(named: member, text)
            }
            for (member, text) in [
                ("product_id", productID), ("group_buy_id", groupBuyID), ("category", category), ("sessionId", sessionID),
                ("anonymousId", anonymousID?.text),
            ] {
                if let text { json.member(named: member, text) }
            }
            if let rating { json.member("rating", rating) }
            json.member("timeZone", timeZone)
            json.key("properties")
            json.raw(properties.isEmpty ? Array("{}".utf8) : properties)
            if isBot { json.member("bot", true) }
        }
    }
}

extension Insights.Navigation {
    fileprivate func write(to writer: inout JSONWriter, limit: Int) {
        writer.object { json in
            json.member("sessions", sessions)
            json.member("pageViews", pageViews)
            json.member("pagesPerSession", pagesPerSession)
            json.member("timeOnSiteSeconds", secondsPerSession)
            json.member("returnVisits", returnVisits)
            json.member("returnVisitShare", returnVisitShare)
            json.member("pages", of: pages.prefix(limit)) { $1.write(to: &$0) }
            json.member("entryPages", of: pages.filter { $0.entries > 0 }.sorted { $0.entries > $1.entries }.prefix(limit)) {
                $1.write(to: &$0)
            }
            json.member("exitPages", of: pages.filter { $0.exits > 0 }.sorted { $0.exits > $1.exits }.prefix(limit)) {
                $1.write(to: &$0)
            }
            // Where more visits end without their goal than go on, of pages that are seen more than once.
            let points = pages.filter { $0.views > 1 && $0.dropOffRate > 0.5 }.sorted { $0.dropOffRate > $1.dropOffRate }
            json.member("dropOffPoints", of: points.prefix(limit)) { $1.write(to: &$0) }
        }
    }
}

extension Insights.Page {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("page", page)
            $0.member("views", views)
            $0.member("entries", entries)
            $0.member("exits", exits)
            $0.member("exitRate", exitRate)
            $0.member("secondsMean", secondsMean)
        }
    }
}
