import Engine

extension BehaviorFeatures {
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("total_events", totalEvents)
            json.member("unique_products", uniqueProducts)
            json.member("unique_groups", uniqueGroups)
            json.member("events_per_day", eventsPerDay)
            json.member("purchases", purchases)
            json.member("cart_adds", cartAdds)
            json.member("product_views", productViews)
            json.member("group_views", groupViews)
            json.member("group_joins", groupJoins)
            json.member("searches", searches)
            json.member("view_to_click_rate", viewToClickRate)
            json.member("click_to_join_rate", clickToJoinRate)
            json.member("join_to_purchase_rate", joinToPurchaseRate)
            json.member("overall_conversion_rate", overallConversionRate)
            json.member("peak_activity_hour", optional: peakActivityHour)
            json.member("peak_activity_day", optional: peakActivityDay)
            json.member("is_weekend_shopper", isWeekendShopper)
            json.member("category_diversity", categoryDiversity)
            json.member("categories_explored", categoriesExplored)
            json.key("days_since_last_event")
            if let daysSinceLastEvent { json.value(daysSinceLastEvent) } else { json.null() }
            json.member("recency_score", recencyScore)
            json.member("engagement_score", engagementScore)
        }
    }
}

extension BehavioralPreferences {
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.key("categories")
            json.object { json in
                for category in categories { json.member(named: category.name, category.weight) }
            }
            json.member("engagement_level", level.rawValue)
            json.member("behavioral_score", score)
            json.member("conversion_rate", features.overallConversionRate)
            json.member("dwell_seconds", attention.dwellSeconds)
            json.member("scroll_depth_max", Int(attention.scrollPercentMax))
            json.member("outbound_clicks", Int(attention.outboundClicks))
        }
    }
}

extension BehavioralProfile {
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("id", id)
            json.key("user_id")
            json.id(userID)
            json.key("lead_id")
            json.raw(leadID.isEmpty ? Array("null".utf8) : leadID)
            json.member("behavioral_score", score)
            json.member("interests", interests)
            json.member("engagement_level", level.rawValue)
            json.member("last_engaged_at", lastEngagedAt)
            json.member("created_at", createdAt)
            json.member("updated_at", updatedAt)
        }
    }
}

extension JSONWriter {
    /// An id that is a canonical decimal integer, as an integer (contract, "Shapes common to all").
    mutating func id(_ user: UserID) {
        let text = user.text
        if let number = Int64(text), String(number) == text { value(number) } else { value(text) }
    }

    fileprivate mutating func member(_ name: StaticString, optional number: Int?) {
        key(name)
        if let number { value(number) } else { null() }
    }
}
