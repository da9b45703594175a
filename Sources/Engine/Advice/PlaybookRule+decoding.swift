extension PlaybookRule {
    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let conditions = try members.nestedContainer(keyedBy: AnyMember.self, forKey: .when)
        try conditions.refuseMembers(otherThan: RuleCondition.CodingKeys.self)
        try conditions.refuseMembers(of: .unfinishedGoal, otherThan: RuleCondition.Goal.CodingKeys.self)
        try conditions.refuseMembers(of: .abandonedContent, otherThan: RuleCondition.AbandonedContent.CodingKeys.self)
        try conditions.refuseMembers(of: .strongContent, otherThan: RuleCondition.StrongContent.CodingKeys.self)
        self.init(
            id: try members.decode(String.self, forKey: .id),
            when: try members.decode(RuleCondition.self, forKey: .when),
            action: try members.decodeIfPresent(String.self, forKey: .action),
            priority: try members.decode(Priority.self, forKey: .priority),
            title: try members.decodeIfPresent(String.self, forKey: .title),
            reason: try members.decode(String.self, forKey: .reason)
        )
    }
}

/// Any member of a JSON object.
private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyMember> {
    fileprivate func refuseMembers<Known: CodingKey>(otherThan known: Known.Type) throws {
        for member in allKeys where known.init(stringValue: member.stringValue) == nil {
            throw DecodingError.dataCorruptedError(forKey: member, in: self, debugDescription: "unknown condition")
        }
    }

    /// Where the condition's object is there, looks through it.
    fileprivate func refuseMembers<Known: CodingKey>(of condition: RuleCondition.CodingKeys, otherThan known: Known.Type) throws {
        let member = AnyMember(stringValue: condition.stringValue)
        guard contains(member), try !decodeNil(forKey: member) else { return }
        try nestedContainer(keyedBy: AnyMember.self, forKey: member).refuseMembers(otherThan: known)
    }
}
