import Logging
import Store
import Synchronization

/// Asks the AI provider: who may be asked for, how often, how long, and what it may cost.
///
/// One for the process. A question becomes a flight, which goes on by itself: it takes a place among the calls in flight, reserves its
/// tokens, tries until the deadline, checks and keeps the answer. A request waits for a flight until its own deadline and no longer.
final class AIAdvisor: Sendable {
    /// What became of a question at once.
    enum Asked: Sendable {
        case flight(AIFlight)
        case refused(FallbackReason)
    }

    struct State: Sendable {
        var breaker = CircuitBreaker()
        /// What the log has said last.
        var breakerLogged = CircuitBreaker.State.closed
        var shares = AIShares()
        var failed = FailedQuestions()
        var flights: [AIQuestion.Subject: AIFlight] = [:]
        var budgets: [TenantNumber: TokenBudget] = [:]
        var playbooks = TwoGenerationCache<PlaybookKey, PreparedPlaybook>(entriesMax: Limits.aiPlaybooksAtHandMax)
        var isClosed = false
    }

    struct PlaybookKey: Sendable, Hashable {
        let tenant: TenantNumber
        let version: UInt64
    }

    let configuration: AIConfiguration
    let meters = AIMeters()
    let withdrawals: Withdrawals
    let clock: @Sendable () -> Timestamp
    let logger = Logger(label: "attune.ai")
    let state = Mutex(State())

    init(_ configuration: AIConfiguration, withdrawals: Withdrawals, clock: @escaping @Sendable () -> Timestamp) {
        self.configuration = configuration
        self.withdrawals = withdrawals
        self.clock = clock
    }

    var model: String { configuration.provider.model }
    var deadline: Duration { .milliseconds(configuration.deadlineMilliseconds) }
    var breakerState: CircuitBreaker.State { state.withLock { $0.breaker.state(at: .now) } }

    /// Why a question would not be asked now, as far as it can be told without looking at it; nil: it would be.
    func refusal(for subject: AIQuestion.Subject, now: Timestamp) -> FallbackReason? {
        state.withLock { refusal(&$0, for: subject, now: now) }
    }

    private func refusal(_ state: inout State, for subject: AIQuestion.Subject, now: Timestamp) -> FallbackReason? {
        if state.breaker.admission(at: .now) == .refused { return .breakerOpen }
        if state.isClosed || !state.shares.hasPlace(for: subject.tenant, of: configuration.callsMax) { return .busy }
        let day = TokenBudget.day(of: now)
        if let budget = state.budgets[subject.tenant], budget.day == day,
            budget.isExhausted(limit: configuration.tokensPerTenantAndDay)
        {
            return .budget
        }
        return state.shares.isSpent(subject, day: day) ? .budget : nil
    }

    /// Asks, or joins who asks already. A probe of the breaker goes on its way, and the asker does not wait for it.
    func ask(_ question: AIQuestion) -> Asked {
        guard let mark = question.mark else { return .refused(.busy) }
        let subject = question.subject
        let flight = AIFlight(
            digest: question.kind == .suggestions ? question.prompt?.digest : nil, profileVersion: question.profile.version, mark: mark)
        let (asked, admission) = state.withLock { state -> (Asked, CircuitBreaker.Admission) in
            if let present = state.flights[subject] {
                return (present.answersFor(flight) ? .flight(present) : .refused(.busy), .refused)
            }
            if let reason = refusal(&state, for: subject, now: question.scope.now) {
                return (.refused(reason), .refused)
            }
            state.flights[subject] = flight
            state.shares.enter(subject.tenant)
            let admission = state.breaker.admit(at: .now)
            return (admission == .probe ? .refused(.breakerOpen) : .flight(flight), admission)
        }
        if admission == .probe { logBreaker() }
        if admission != .refused {
            flight.begin(Task { await self.fly(question, flight, isProbe: admission == .probe) })
        }
        return asked
    }

    private func fly(_ question: AIQuestion, _ flight: AIFlight, isProbe: Bool) async {
        let outcome = await answer(question, flight, isProbe: isProbe)
        state.withLock { state in
            // Before anybody hears of it: who asks next finds what was kept.
            state.flights[question.subject] = nil
            state.shares.leave(question.subject.tenant)
        }
        // What a reset has overtaken is nobody's any more, also not of those who asked before it.
        flight.finish(withdrawals.isCurrent(flight.mark) ? outcome : .fallback(.busy))
    }

    func prepared(_ playbook: Versioned<CompiledPlaybook>, of tenant: Tenant) -> PreparedPlaybook {
        // Version 0 is a built-in one, which all tenants that have it share.
        let isBuiltIn = playbook.version == 0
        let builtIn: UInt64 = tenant.builtInPlaybook == .general ? 1 : 0
        let key = PlaybookKey(
            tenant: isBuiltIn ? .installation : tenant.number, version: isBuiltIn ? builtIn : playbook.version)
        if let known = state.withLock({ $0.playbooks.value(key) }) { return known }
        let made = PreparedPlaybook(playbook.value.playbook)
        state.withLock { $0.playbooks.insert(made, for: key) }
        return made
    }

    func prompt(_ question: AIQuestion) -> AdvisorPrompt {
        AdvisorPrompt(
            profile: question.profile.value, user: question.user, playbook: question.playbook,
            prepared: prepared(question.playbook, of: question.scope.tenant), context: question.context, model: model,
            now: question.scope.now)
    }

    /// Ends what is in flight about a user: whoever is erased is not brought back by a late answer.
    func forget(_ user: UserID, of tenant: TenantNumber) async {
        let flights = state.withLock { $0.flights.filter { $0.key.tenant == tenant && $0.key.user == user }.map(\.value) }
        for flight in flights { await flight.cancel() }
    }

    /// Ends what is in flight; nothing is asked or written afterwards.
    func close() async {
        let flights = state.withLock { state in
            state.isClosed = true
            return Array(state.flights.values)
        }
        for flight in flights { await flight.cancel() }
    }
}
