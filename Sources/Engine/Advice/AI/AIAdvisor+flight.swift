import Logging
import Synchronization

/// What a flight does.
extension AIAdvisor {
    /// How the tries of one flight ended.
    private struct Exchange: Sendable {
        let result: Result<AICompletion, AIFailure>
        let tries: Int
        /// Whether the deadline was over before: the breaker has heard of it then.
        let isLate: Bool
    }

    func answer(_ question: AIQuestion, _ flight: AIFlight, isProbe: Bool) async -> AIOutcome {
        let prompt = question.prompt ?? prompt(question)
        if let kept = question.keptDigest, kept == prompt.digest {
            abandon(isProbe)
            await renew(question, prompt)
            return .fallback(.busy)
        }
        if let reason = failure(question, prompt) {
            abandon(isProbe)
            return .fallback(reason)
        }
        guard await reserve(prompt.tokensEstimate, question) else {
            abandon(isProbe)
            return .fallback(.budget)
        }
        let exchange = await exchange(prompt.request, flight, isProbe: isProbe)
        let outcome = outcome(of: exchange, question)
        noteFailure(exchange, outcome, question, prompt)
        let isSlow = exchange.isLate && exchange.result.failure == nil
        let call = AICall(question: question, prompt: prompt, result: exchange.result, tries: exchange.tries, outcome: outcome)
        meters.countCall(
            isSlow && outcome.isAnswer ? .late : call.meter, inputTokens: call.inputTokens, outputTokens: call.outputTokens)
        // A drained server has nobody to keep it for.
        if Task.isCancelled {
            settle(call, stored: nil)
            return .fallback(.timeout)
        }
        do throws(EngineError) {
            settle(call, stored: try await keep(call, model: model, now: clock()))
        } catch {
            settle(call, stored: nil)
            logger.warning(
                "An answer of the AI provider could not be kept.",
                metadata: ["tenant": "\(question.scope.tenant.name.text)", "reason": "\(error.detail)"])
        }
        return outcome
    }

    private func abandon(_ isProbe: Bool) {
        if isProbe { state.withLock { $0.breaker.abandonProbe() } }
        logBreaker()
    }

    /// Why the same question is not asked again yet.
    private func failure(_ question: AIQuestion, _ prompt: AdvisorPrompt) -> FallbackReason? {
        state.withLock { $0.failed.reason(question.subject, digest: prompt.digest, now: question.scope.now) }
    }

    /// Of what the question itself is likely to bring about again; what the provider's state does is the breaker's.
    private func noteFailure(_ exchange: Exchange, _ outcome: AIOutcome, _ question: AIQuestion, _ prompt: AdvisorPrompt) {
        state.withLock { state in
            if case .fallback(let reason) = outcome {
                guard reason == .invalidAnswer || exchange.result.failure?.reason == .refused else { return }
                state.failed.note(question.subject, digest: prompt.digest, reason: reason, now: question.scope.now)
            } else {
                state.failed.forget(question.subject, digest: prompt.digest)
            }
        }
    }

    // MARK: Tries

    private func exchange(_ request: AIRequest, _ flight: AIFlight, isProbe: Bool) async -> Exchange {
        var plan = RetryPlan(start: .now, milliseconds: configuration.deadlineMilliseconds)
        let deadline = plan.deadline
        let alarm = Task {
            // A cancelled sleep returns at once; the flight has been judged by then.
            try? await Task.sleep(until: deadline, clock: .continuous)
            if !Task.isCancelled, flight.judge() { self.judge(.failure, isProbe: isProbe) }
        }
        defer { alarm.cancel() }
        while true {
            let result = await attempt(request, timeLimit: plan.begin(at: .now))
            if case .failure(let failure) = result, !Task.isCancelled,
                case .retry(let wait) = plan.step(after: failure, at: .now, random: Double.random(in: 0..<1)),
                (try? await Task.sleep(for: wait)) != nil
            {
                continue
            }
            let isFirst = flight.judge()
            if isFirst, !Task.isCancelled { judge(CircuitBreaker.Outcome(result), isProbe: isProbe) }
            // A slow provider is a provider: what it says late serves the next request.
            if !isFirst, result.failure == nil {
                state.withLock { $0.breaker.recover() }
                logBreaker()
            }
            return Exchange(result: result, tries: plan.tries, isLate: !isFirst)
        }
    }

    private func attempt(_ request: AIRequest, timeLimit: Duration) async -> Result<AICompletion, AIFailure> {
        do throws(AIFailure) {
            return .success(try await configuration.provider.complete(request, timeLimit: timeLimit))
        } catch {
            return .failure(error)
        }
    }

    private func judge(_ outcome: CircuitBreaker.Outcome, isProbe: Bool) {
        state.withLock { $0.breaker.record(outcome, isProbe: isProbe, at: .now, random: Double.random(in: 0..<1)) }
        logBreaker()
    }

    /// A line for each change of the breaker's state.
    func logBreaker() {
        let change = state.withLock { state -> (from: CircuitBreaker.State, to: CircuitBreaker.State)? in
            let present = state.breaker.state(at: .now)
            guard present != state.breakerLogged else { return nil }
            defer { state.breakerLogged = present }
            return (state.breakerLogged, present)
        }
        guard let change else { return }
        logger.log(
            level: change.to == .open ? .warning : .info, "The circuit breaker of the AI provider has changed its state.",
            metadata: ["from": "\(change.from.rawValue)", "to": "\(change.to.rawValue)"])
    }

    private func outcome(of exchange: Exchange, _ question: AIQuestion) -> AIOutcome {
        switch exchange.result {
        case .failure(let failure):
            if failure.reason == .forbidden || failure.reason == .refused {
                logger.warning(
                    "The AI provider refuses us.",
                    metadata: ["tenant": "\(question.scope.tenant.name.text)", "reason": "\(failure.reason.rawValue)"])
            }
            return .fallback(FallbackReason(failure.reason))
        case .success(let completion):
            let playbook = question.playbook.value
            if question.context != nil {
                return AdvisorAnswer.suggestions(completion.json, playbook: playbook).map { .suggestions($0) } ?? .fallback(.invalidAnswer)
            }
            let rules = DashboardRules.dashboard(for: question.profile.value, playbook: playbook, now: question.scope.now)
            return AdvisorAnswer.dashboard(completion.json, playbook: playbook, rules: rules).map { .sections($0, madeAt: clock()) }
                ?? .fallback(.invalidAnswer)
        }
    }

    // MARK: Budget

    private func reserve(_ estimate: Int, _ question: AIQuestion) async -> Bool {
        let (tenant, day) = (question.scope.tenant, TokenBudget.day(of: question.scope.now))
        let isKnown = state.withLock { $0.budgets[tenant.number]?.day == day }
        var stored: UInt64 = 0
        if !isKnown {
            // A budget that cannot be read is no budget to spend.
            do throws(EngineError) {
                stored =
                    try await tenant.table.get(.aiBudget(day: day), as: AIBudgetRecord.self, now: question.scope.now)?
                    .value.spentTokens ?? 0
            } catch {
                return false
            }
        }
        return state.withLock { state in
            if state.budgets.count >= Limits.aiTenantBudgetsMax { state.budgets = state.budgets.filter { $0.value.day >= day } }
            if (state.budgets[tenant.number]?.day ?? .min) < day {
                state.budgets[tenant.number] = TokenBudget(day: day, spent: stored)
            }
            // Another flight of the user may have taken the last call meanwhile.
            guard !state.shares.isSpent(question.subject, day: day),
                state.budgets[tenant.number]?.reserve(estimate, limit: configuration.tokensPerTenantAndDay) ?? false
            else { return false }
            state.shares.countCall(question.subject, day: day)
            return true
        }
    }

    private func settle(_ call: AICall, stored: UInt64?) {
        state.withLock { state in
            let tenant = call.question.scope.tenant.number
            guard state.budgets[tenant]?.day == call.day else { return }
            state.budgets[tenant]?.settle(call.prompt.tokensEstimate, used: call.tokens, stored: stored)
        }
    }
}

extension AIOutcome {
    var isAnswer: Bool {
        if case .fallback = self { false } else { true }
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension CircuitBreaker.Outcome {
    fileprivate init(_ result: Result<AICompletion, AIFailure>) {
        guard let failure = result.failure else {
            self = .success
            return
        }
        switch failure.reason {
        case .unavailable, .timedOut: self = .failure
        case .forbidden: self = .forbidden
        case .throttled: self = .throttled(retryAfter: failure.retryAfter)
        // One request that is wrong, for whatever is in one tenant's playbook, says nothing of the others'.
        case .refused, .invalidAnswer: self = .useless
        }
    }
}
