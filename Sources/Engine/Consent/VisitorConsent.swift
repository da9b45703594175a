import SwiftProtobuf

/// What a visitor has decided goes with it to the user that it turns out to be, as far as that one has decided nothing: it is the same
/// person, who has answered the banner before logging in.
struct VisitorConsent {
    let visitor: UserID
    let user: UserID
    /// Names the entry of the user's history.
    private let id: String

    init(of visitor: UserID, for user: UserID, now: Timestamp) {
        (self.visitor, self.user) = (visitor, user)
        id = ConsentChange.newID(at: now)
    }

    /// The items that `adopt` needs.
    var keys: [Keyspace] {
        [.consent(visitor), .consent(user), .consentChange(user, id: id), .advice(user), .suggestedAdvice(user)]
    }

    func adopt(by principal: Principal, now: Timestamp, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        guard let theirs = try draft.get(.consent(visitor), as: ConsentRecord.self) else { return }
        var own = try draft.get(.consent(user), as: ConsentRecord.self) ?? ConsentRecord()
        let adopted = theirs.decisions.filter { decision in !own.decisions.contains { $0.purpose == decision.purpose } }
        guard !adopted.isEmpty, own.keptChanges < Limits.consentChangesPerUserMax else { return }
        own.decisions += adopted
        own.source = theirs.source
        own.updatedAt = now.milliseconds
        own.keptChanges += 1
        let change = ConsentChangeRecord.with {
            $0.decisions = adopted
            $0.source = theirs.source
            $0.channel = "joined visitor"
            $0.credential = ConsentChangeRecord.CredentialKind(principal.kind)
            $0.decidedAt = now.milliseconds
        }
        try draft.put(.consent(user), own)
        try draft.put(.consentChange(user, id: id), change)
        let refusesAI = adopted.contains { !$0.isGranted && Purpose($0.purpose) == .ai }
        if refusesAI { try draft.change { table throws(EngineError) in try table.forgetAdvice(of: user, now: now) } }
    }
}
