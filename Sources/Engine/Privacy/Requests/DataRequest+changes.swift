/// The life of a request, as a value: a change says what is to be done about it, and does nothing itself.
extension DataRequest {
    enum Change: Sendable, Equatable {
        case begin
        /// Something keeps it from being done for now.
        case meet(Obstacle)
        /// - Parameter leaving: what has kept some of it from being done for good.
        case complete(receiptID: String?, leaving: Obstacle? = nil)
        /// It is not done at all; the log says why.
        case giveUp(log: String)
        case cancel
        case extend(reason: String, actor: String)
    }

    /// To be committed in the transaction that stores the request.
    enum Action: Sendable, Equatable {
        /// An entry of the tenant's log.
        case log(String)
        /// Whoever has asked is to be told of the status.
        case announce(Status)
        /// What the person was named by is needed no more.
        case forgetIdentities
    }

    static let extensionReasonIsMissing = EngineError.invalid(
        "/reason", "must be 1 to \(Limits.extensionReasonCharactersMax) characters long")

    /// - Throws: `.conflict` for a change that the present state does not allow.
    mutating func apply(_ change: Change, now: Timestamp) throws(EngineError) -> [Action] {
        guard isOpen else { throw EngineError(.conflict, "The request has ended.") }
        switch change {
        case .begin:
            guard status == .pending else { return [] }
            status = .inProgress
            return [.announce(.inProgress)]
        case .meet(let obstacle):
            guard self.obstacle != obstacle else { return [] }
            self.obstacle = obstacle
            return [.log("request-blocked")]
        case .complete(let receiptID, let obstacle):
            (status, endedAt, self.obstacle, self.receiptID) = (.completed, now, obstacle, receiptID ?? self.receiptID)
            return [.log("request-completed"), .announce(.completed), .forgetIdentities]
        case .giveUp(let log):
            (status, endedAt) = (.cancelled, now)
            return [.log(log), .announce(.cancelled), .forgetIdentities]
        case .cancel:
            guard status == .pending else { throw EngineError(.conflict, "Only a request that is pending can be cancelled.") }
            (status, endedAt) = (.cancelled, now)
            return [.log("request-cancelled"), .announce(.cancelled), .forgetIdentities]
        case .extend(let reason, let actor):
            return try extend(reason: reason, by: actor, now: now)
        }
    }

    /// Art. 12 (3): once, and the person has to be told why within the first month.
    private mutating func extend(reason: String, by actor: String, now: Timestamp) throws(EngineError) -> [Action] {
        guard (1...Limits.extensionReasonCharactersMax).contains(reason.count) else { throw Self.extensionReasonIsMissing }
        guard extensionGiven == nil else { throw EngineError(.conflict, "The period was extended before; it can be once.") }
        guard period.daysLeft(now: now) >= 0 else {
            throw EngineError(.conflict, "The period is over: it could have been extended within the first month.")
        }
        extensionGiven = Extension(at: now, reason: reason, actor: actor)
        return [.log("request-extended")]
    }
}
