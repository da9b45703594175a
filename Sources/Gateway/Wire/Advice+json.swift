import Engine

extension Dashboard {
    func write(to writer: inout JSONWriter, user: AuthorizedUser) {
        writer.object { json in
            json.member("userId", user.id.text)
            json.member("priorityActions", of: priorityActions) { $1.write(to: &$0) }
            json.member("suggestedContent", of: suggestedContent) { $1.write(to: &$0) }
            json.member("marketInsights", of: marketInsights) { $1.write(to: &$0) }
            json.member("nextBestActions", of: nextBestActions) { $1.write(to: &$0) }
            json.member("source", source.rawValue)
            json.member("generatedAt", generatedAt)
            if !isPersonalized { json.member("personalized", false) }
            if let fallbackReason { json.member("fallbackReason", fallbackReason.rawValue) }
        }
    }
}

extension PriorityAction {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("title", title)
            $0.member("description", description)
            $0.member("action", action)
            $0.member("priority", priority.rawValue)
            $0.member("reason", reason)
            if let link { $0.member("link", link) }
        }
    }
}

extension SuggestedContent {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("contentType", contentType)
            $0.member("title", title)
            $0.member("reason", reason)
        }
    }
}

extension MarketInsight {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("title", title)
            $0.member("description", description)
            $0.member("category", category.rawValue)
            $0.member("reason", reason)
        }
    }
}

extension NextBestAction {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("action", action)
            $0.member("title", title)
            $0.member("description", description)
            $0.member("confidence", confidence)
            $0.member("basedOn", basedOn)
            $0.member("reason", reason)
            if let link { $0.member("link", link) }
            if !isPersonalized { $0.member("personalized", false) }
        }
    }
}

extension Suggestion {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("title", title)
            $0.member("description", description)
            $0.member("action", action)
            $0.member("priority", priority.rawValue)
            $0.member("source", source.rawValue)
            $0.member("reason", reason)
            if let link { $0.member("link", link) }
            if !isPersonalized { $0.member("personalized", false) }
        }
    }
}
