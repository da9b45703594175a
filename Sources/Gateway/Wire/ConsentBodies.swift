import Engine

struct ConsentBody: Decodable {
    struct Purposes: Decodable {
        let analytics: Bool?
        let personalization: Bool?
        let marketing: Bool?
        let ai: Bool?
    }

    let purposes: Purposes
    let source: String
    let wordingVersion: String?
    let channel: String?

    var change: ConsentChange {
        let decisions: [Purpose: Bool?] = [
            .analytics: purposes.analytics, .personalization: purposes.personalization, .marketing: purposes.marketing,
            .ai: purposes.ai,
        ]
        return ConsentChange(
            decisions: decisions.compactMapValues(\.self), source: source, wordingVersion: wordingVersion, channel: channel)
    }
}

extension ConsentState {
    func write(to writer: inout JSONWriter, purposes: [Purpose]) {
        writer.object { json in
            json.key("purposes")
            json.object { json in
                for purpose in purposes { json.member(purpose.member, isGranted(purpose)) }
            }
            json.key("source")
            if let source { json.value(source) } else { json.null() }
            json.member("updatedAt", updatedAt)
        }
    }
}

extension Purpose {
    fileprivate var member: StaticString {
        switch self {
        case .analytics: "analytics"
        case .personalization: "personalization"
        case .marketing: "marketing"
        case .ai: "ai"
        }
    }
}
