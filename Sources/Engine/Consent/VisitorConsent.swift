import SwiftProtobuf

/// What a visitor has decided goes to the user whom an event names beside it, as far as that one has decided nothing: it is the same
/// person, who has answered the banner before logging in.
struct VisitorConsent {
    let visitor: UserID
    let user: UserID
    let now: Timestamp
    /// What kind of credential has brought them together.
    let credential: ConsentChangeRecord.CredentialKind
    /// Tells the entry of the user's history from others of the same moment.
    let number: UInt64

    /// - Returns: whether the user has taken something over.
    func adopt(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        guard let theirs = try draft.get(.consent(visitor), as: ConsentRecord.self), theirs.isOfVisitorAlone else { return false }
        var own = try draft.get(.consent(user), as: ConsentRecord.self) ?? ConsentRecord()
        let adopted = theirs.decisions.filter { decision in !own.decisions.contains { $0.purpose == decision.purpose } }
        guard !adopted.isEmpty, !own.isRestricted, own.keptChanges < Limits.consentChangesPerUserMax else { return false }
        // Of a browser that several people use, the visitor is the first one's.
        let identity = try draft.get(.identity(visitor), as: IdentityRecord.self)
        if let identity, identity.hasJoinedInto ? !identity.joinedInto.hasSameBytes(as: user.text) : identity.isSplit { return false }
        own.decisions += adopted
        own.source = theirs.source
        own.updatedAt = now.milliseconds
        own.keptChanges += 1
        let change = ConsentChangeRecord.with {
            $0.decisions = adopted
            $0.source = theirs.source
            $0.channel = "visitor who logged in"
            $0.credential = credential
            $0.decidedAt = now.milliseconds
        }
        try draft.require([.advice(user), .suggestedAdvice(user)])
        try draft.put(.consent(user), own)
        try draft.put(.consentChange(user, id: ConsentChange.id(at: now, number: number)), change)
        let refusesAI = adopted.contains { !$0.isGranted && Purpose($0.purpose) == .ai }
        if refusesAI { try draft.change { table throws(EngineError) in try table.forgetAdvice(of: user, now: now) } }
        return true
    }
}

extension ConsentRecord {
    /// Whether browsers alone have decided, and nobody has restricted anything.
    var isOfVisitorAlone: Bool { isOfVisitor && !isRestricted }
}
