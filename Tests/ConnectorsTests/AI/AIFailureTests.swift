import Connectors
import Engine
import Testing

/// Every way for a call to fail, over real connections.
@Suite struct AIFailureTests {
    private func provider(_ server: ScriptedServer, _ http: OutboundHTTP) throws -> OpenAIChat {
        OpenAIChat(model: "m", endpoint: try #require(Endpoint(server.url)), apiKey: "k", http: http, clock: { .example })
    }

    /// - Returns: How a call fails, and after how long.
    private func failure(_ reply: ScriptedServer.Reply, timeLimit: Duration = .seconds(5)) async throws -> (AIFailure?, Duration) {
        try await ScriptedServer.run(reply) { server in
            try await withHTTP { http in
                let provider = try provider(server, http)
                let start = ContinuousClock.now
                do throws(AIFailure) {
                    _ = try await provider.complete(.example, timeLimit: timeLimit)
                    return (nil, .now - start)
                } catch {
                    return (error, .now - start)
                }
            }
        }
    }

    private static let statuses: [(Int, AIFailure.Reason, Bool)] = [
        (400, .refused, false), (401, .forbidden, false), (402, .refused, false), (403, .forbidden, false),
        (404, .refused, false), (405, .refused, false), (408, .unavailable, true), (413, .refused, false),
        (422, .refused, false), (424, .unavailable, true), (429, .throttled, true), (500, .unavailable, true),
        (502, .unavailable, true), (503, .unavailable, true), (529, .unavailable, true), (599, .unavailable, true),
        (202, .invalidAnswer, false), (204, .invalidAnswer, false), (301, .refused, false), (307, .refused, false),
        (600, .refused, false),
    ]

    @Test(arguments: statuses) func statusesAreToldApart(status: Int, reason: AIFailure.Reason, waits: Bool) async throws {
        let headers = ["Retry-After": "17", "Location": "http://127.0.0.1:9/"]
        let (failure, _) = try await failure(.answer(status: status, headers: headers, body: status == 204 ? "" : Answers.chat()))
        #expect(failure == AIFailure(reason, retryAfter: waits ? .seconds(17) : nil))
    }

    private static let breaks: [ScriptedServer.Reply] = [.cutOff(body: Answers.chat()), .reset]

    @Test(arguments: breaks) func brokenConnectionsAreUnavailable(reply: ScriptedServer.Reply) async throws {
        #expect(try await failure(reply).0 == AIFailure(.unavailable))
    }

    private static let delays: [ScriptedServer.Reply] = [
        .hang, .trickle(body: Answers.chat()), .trickle(body: Answers.chat(), headToo: true),
    ]

    @Test(arguments: delays) func theTimeLimitHoldsUntilTheLastByte(reply: ScriptedServer.Reply) async throws {
        let (failure, duration) = try await failure(reply, timeLimit: .milliseconds(300))
        #expect(failure == AIFailure(.timedOut))
        #expect(duration >= .milliseconds(300) && duration < .milliseconds(1500))
    }

    @Test func nobodyListening() async throws {
        let url = try await ScriptedServer.run(.hang) { $0.url }
        try await withHTTP { http in
            let provider = OpenAIChat(model: "m", endpoint: try #require(Endpoint(url)), apiKey: nil, http: http, clock: { .example })
            let start = ContinuousClock.now
            await #expect(throws: AIFailure(.unavailable)) { try await provider.complete(.example, timeLimit: .seconds(5)) }
            #expect(.now - start < .seconds(2))
        }
    }

    /// The silence begins in the middle of the TLS handshake.
    @Test func theTimeLimitHoldsForTheHandshakeToo() async throws {
        try await ScriptedServer.run(.hang) { server in
            try await withHTTP { http in
                let endpoint = try #require(Endpoint(server.url.replacing("http:", with: "https:")))
                let provider = OpenAIChat(model: "m", endpoint: endpoint, apiKey: nil, http: http, clock: { .example })
                let start = ContinuousClock.now
                await #expect(throws: AIFailure(.timedOut)) { try await provider.complete(.example, timeLimit: .milliseconds(300)) }
                #expect(.now - start < .seconds(1))
            }
        }
    }

    private static let invalidAnswers: [ScriptedServer.Reply] = [
        .answer(status: 200, body: ""), .answer(status: 200, body: "<html>"), .answer(status: 200, body: "{\"choices\":["),
        .answer(status: 200, body: Answers.chat(finish: "\"length\"")), .answer(status: 200, headers: ["X": "y"], body: "[]"),
    ]

    @Test(arguments: invalidAnswers) func whatIsNoAnswerIsInvalid(reply: ScriptedServer.Reply) async throws {
        #expect(try await failure(reply).0 == AIFailure(.invalidAnswer))
    }

    @Test func tenMegabytesAreNotRead() async throws {
        let body = Answers.chat() + String(repeating: " ", count: 10_000_000)
        let (failure, duration) = try await failure(.answer(status: 200, body: body))
        #expect(failure == AIFailure(.invalidAnswer) && duration < .seconds(3))
    }

    @Test func aBodyWithoutEndIsLeftAlone() async throws {
        try await ScriptedServer.run(.endless) { server in
            try await withHTTP { http in
                let provider = try provider(server, http)
                await #expect(throws: AIFailure(.invalidAnswer)) { try await provider.complete(.example, timeLimit: .seconds(5)) }
                #expect(try await server.allConnectionsEnd())
                #expect(server.bytesWritten < 20_000_000)
            }
        }
    }

    /// An error's body is never waited for.
    @Test func aStatusIsEnoughForAFailure() async throws {
        try await ScriptedServer.run(.answer(status: 429, headers: ["Retry-After": "1"], body: String(repeating: "x", count: 10_000_000))) {
            server in
            try await withHTTP { http in
                let provider = try provider(server, http)
                await #expect(throws: AIFailure(.throttled, retryAfter: .seconds(1))) {
                    try await provider.complete(.example, timeLimit: .seconds(5))
                }
                #expect(try await server.allConnectionsEnd())
            }
        }
    }

    @Test func cancellationEndsTheCallAtOnce() async throws {
        for reply in [ScriptedServer.Reply.hang, .trickle(body: Answers.chat())] {
            try await ScriptedServer.run(reply) { server in
                try await withHTTP { http in
                    let provider = try provider(server, http)
                    let call = Task { await Result { try await provider.complete(.example, timeLimit: .seconds(30)) } }
                    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                    let start = ContinuousClock.now
                    call.cancel()
                    let outcome = await call.value
                    #expect(throws: AIFailure(.timedOut)) { try outcome.get() }
                    #expect(.now - start < .seconds(1))
                    #expect(try await server.allConnectionsEnd())
                }
            }
        }
    }

    @Test func closingEndsCallsThatAreUnderWay() async throws {
        try await ScriptedServer.run(.hang) { server in
            let http = OutboundHTTP()
            let provider = try provider(server, http)
            let call = Task { await Result { try await provider.complete(.example, timeLimit: .seconds(30)) } }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await http.close()
            let outcome = await call.value
            #expect(throws: AIFailure(.unavailable)) { try outcome.get() }
            await http.close()
            await #expect(throws: AIFailure(.unavailable)) { try await provider.complete(.example, timeLimit: .seconds(1)) }
        }
    }

    @Test func connectionsAreUsedAgain() async throws {
        try await ScriptedServer.run(.answer(status: 200, body: Answers.chat())) { server in
            try await withHTTP { http in
                let provider = try provider(server, http)
                for _ in 0..<5 { _ = try await provider.complete(.example, timeLimit: .seconds(5)) }
                #expect(server.requests.count == 5 && server.connectionsMade == 1)
            }
        }
    }

    @Test func nothingOfARequestOrAnAnswerIsInAFailure() async throws {
        let (failure, _) = try await failure(.answer(status: 400, headers: ["Retry-After": "k secret"], body: "secret prompt"))
        var dumped = ""
        dump(failure, to: &dumped)
        for text in ["\(failure as Any)", dumped] { #expect(!text.contains("secret") && !text.contains("127.0.0.1")) }
    }
}
