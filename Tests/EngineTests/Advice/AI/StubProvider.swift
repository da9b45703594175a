import Engine
import FoundationEssentials
import Synchronization

/// Shut until it is opened.
final class Gate: Sendable {
    private let state = Mutex(false)
    var isOpen: Bool { state.withLock { $0 } }
    func open() { state.withLock { $0 = true } }
}

/// A provider that does what the test says and notes what it was asked.
final class StubProvider: AIProvider {
    typealias Behaviour = @Sendable (AIRequest, _ timeLimit: Duration) async throws(AIFailure) -> AICompletion

    private struct State {
        var behaviour: Behaviour
        var requests: [AIRequest] = []
        var inFlight = 0
        var inFlightMax = 0
    }

    let model: String
    private let state: Mutex<State>

    init(model: String = "stub-1", _ behaviour: @escaping Behaviour = StubProvider.right()) {
        self.model = model
        state = Mutex(State(behaviour: behaviour))
    }

    var requests: [AIRequest] { state.withLock { $0.requests } }
    var inFlightMax: Int { state.withLock { $0.inFlightMax } }

    func behave(_ behaviour: @escaping Behaviour) { state.withLock { $0.behaviour = behaviour } }

    func complete(_ request: AIRequest, timeLimit: Duration) async throws(AIFailure) -> AICompletion {
        let behaviour = state.withLock { state in
            state.requests.append(request)
            state.inFlight += 1
            state.inFlightMax = max(state.inFlightMax, state.inFlight)
            return state.behaviour
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        return try await behaviour(request, timeLimit)
    }

    // MARK: Behaviours

    static func answer(_ json: String) -> AICompletion { AICompletion(json: Array(json.utf8), inputTokens: 100, outputTokens: 50) }

    /// A right answer for the built-in playbook, to either question.
    static func right(_ mark: String = "AI") -> Behaviour {
        { request, _ in answer(request.schemaName == "dashboard" ? dashboard(mark) : suggestions(mark)) }
    }

    static func right(_ mark: String = "AI", after delay: Duration) -> Behaviour {
        { request, limit throws(AIFailure) in
            guard (try? await Task.sleep(for: min(delay, limit))) != nil, delay <= limit else { throw AIFailure(.timedOut) }
            return answer(request.schemaName == "dashboard" ? dashboard(mark) : suggestions(mark))
        }
    }

    /// A right answer once the gate is open.
    static func right(_ mark: String, through gate: Gate) -> Behaviour {
        { request, limit throws(AIFailure) in
            let end = ContinuousClock.now + limit
            while !gate.isOpen {
                guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil else { throw AIFailure(.timedOut) }
            }
            return answer(request.schemaName == "dashboard" ? dashboard(mark) : suggestions(mark))
        }
    }

    static let hang: Behaviour = { _, limit throws(AIFailure) in
        try? await Task.sleep(for: limit)
        throw AIFailure(.timedOut)
    }

    static func fail(_ reason: AIFailure.Reason, retryAfter: Duration? = nil) -> Behaviour {
        { _, _ throws(AIFailure) in throw AIFailure(reason, retryAfter: retryAfter) }
    }

    static func saying(_ json: String) -> Behaviour { { _, _ in answer(json) } }

    static func dashboard(
        _ mark: String = "AI", action: String? = nil, priority: String = "high", contentType: String? = nil, category: String = "tip",
        title: String? = nil, extra: String = ""
    ) -> String {
        let features = Playbook.standard.features.map(\.name)
        let types = Playbook.standard.contentTypes.map(\.name)
        let title = title ?? "\(mark) title"
        return """
            {"priorityActions":[{"title":"\(title)","description":"\(mark) text","action":"\(action ?? features[0])",\
            "priority":"\(priority)","reason":"\(mark) reason"\(extra)}],
            "suggestedContent":[{"contentType":"\(contentType ?? types[0])","title":"\(title)","reason":"\(mark) reason"}],
            "marketInsights":[{"title":"\(title)","description":"\(mark) text","category":"\(category)"}],
            "nextBestActions":[{"action":"\(features[1])","title":"\(title)","description":"\(mark) text"}]}
            """
    }

    static func suggestions(_ mark: String = "AI") -> String {
        #"{"suggestions":[{"title":"\#(mark) title","description":"\#(mark) text","#
            + #""action":"\#(Playbook.standard.features[0].name)","priority":"low"}]}"#
    }
}
