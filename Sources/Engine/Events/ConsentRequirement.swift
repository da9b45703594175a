/// What must be allowed of a user before an event is stored, looked up in the event's own transaction.
struct ConsentRequirement: Sendable {
    /// nil: nothing is asked for, since it has been stored already.
    private let purpose: Purpose?
    private let defaults: PurposeSet

    /// - Parameter defaults: what is allowed where nothing is recorded of the user.
    init(_ purpose: Purpose, defaults: PurposeSet) {
        self.purpose = purpose
        self.defaults = defaults
    }

    private init() {
        purpose = nil
        defaults = []
    }

    static let none = ConsentRequirement()

    func keys(of user: UserID) -> [Keyspace] { purpose == nil ? [] : [.consent(user)] }

    /// Whether a visitor has said no. Where nothing is recorded nothing was refused: who the visitor has turned out to be decides.
    func isRefused(by visitor: UserID, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        guard let purpose else { return false }
        return !ConsentState(try draft.get(.consent(visitor), as: ConsentRecord.self), defaults: .all).allows(purpose)
    }

    func isGranted(by user: UserID, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        guard let purpose else { return true }
        return ConsentState(try draft.get(.consent(user), as: ConsentRecord.self), defaults: defaults).allows(purpose)
    }
}
