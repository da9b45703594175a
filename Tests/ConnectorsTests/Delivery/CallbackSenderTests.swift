import Connectors
import Engine
import Glibc
import Synchronization
import Testing

@Suite("CallbackSender", .serialized) struct CallbackSenderTests {
    private func message(_ url: String) -> OutgoingMessage {
        OutgoingMessage(url: url, headers: [("content-type", "application/json"), ("X-OpenDSR-Signature", "c2ln")], body: Array("{}".utf8))
    }

    /// A name's addresses, as told; and how often they were asked for.
    private final class Names: Sendable {
        let asked = Mutex(0)
        let addresses: [NetworkAddress]

        init(_ texts: [String]) { addresses = texts.compactMap { NetworkAddress($0) } }

        var resolver: NameResolver {
            NameResolver { _ in
                self.asked.withLock { $0 += 1 }
                return self.addresses
            }
        }
    }

    /// The connection goes to the address that was looked at, under the name.
    @Test func theAddressThatWasLookedAtIsTheOneThatIsUsed() async throws {
        try await ScriptedServer.run(.answer(status: 204, body: "")) { server in
            let names = Names(["127.0.0.1"])
            let port = server.url.split(separator: ":").last ?? ""
            let sender = CallbackSender(allowsPrivate: true, resolver: names.resolver)
            #expect(await sender.send(message("http://callbacks.test:\(port)/a?b=1")) == .delivered)
            #expect(names.asked.withLock { $0 } == 1)
            let request = try #require(server.requests.first)
            #expect(request.line.hasPrefix("POST /a?b=1 ") && request.body == "{}")
            #expect(request.headers["host"] == "callbacks.test:\(port)" && request.headers["x-opendsr-signature"] == "c2ln")
        }
    }

    @Test(arguments: [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["fe80::1"]])
    func aNameThatLeadsInsideLeadsNowhere(addresses: [String]) async throws {
        try await ScriptedServer.run(.answer(status: 200, body: "")) { server in
            let port = server.url.split(separator: ":").last ?? ""
            let sender = CallbackSender(allowsPrivate: false, resolver: Names(addresses).resolver)
            #expect(await sender.send(message("https://callbacks.test:\(port)/")) == .forbidden)
            #expect(await sender.send(message("http://callbacks.test:\(port)/")) == .forbidden, "plain HTTP")
            #expect(server.connectionsMade == 0)
        }
    }

    /// The system's resolver cannot be left; whoever waits for it can.
    @Test func whoIsCancelledDoesNotWaitForAName() async throws {
        let slow = NameResolver { _ in
            sleep(5)
            return []
        }
        let sender = CallbackSender(allowsPrivate: false, resolver: slow)
        let began = ContinuousClock.now
        let work = Task { await sender.send(message("https://callbacks.test/")) }
        try await Task.sleep(for: .milliseconds(100))
        work.cancel()
        #expect(await work.value == .failed)
        #expect(ContinuousClock.now - began < .seconds(3))
    }

    @Test func aNameThatIsNotKnownIsTriedAgain() async {
        let sender = CallbackSender(allowsPrivate: false, resolver: Names([]).resolver)
        #expect(await sender.send(message("https://callbacks.test/")) == .failed)
    }

    @Test(arguments: [301, 307, 400, 404, 410, 429, 500, 503])
    func whatIsNoSuccessIsTriedAgainAndNoRedirectIsFollowed(status: Int) async throws {
        try await ScriptedServer.run(.answer(status: status, headers: ["location": "/elsewhere"], body: "x")) { server in
            let sender = CallbackSender(allowsPrivate: true)
            #expect(await sender.send(message(server.url)) == .failed)
            #expect(server.requests.count == 1)
        }
    }

    @Test func ofTheAnswerNoMoreIsReadThanItsStatus() async throws {
        try await ScriptedServer.run(.endless) { server in
            let sender = CallbackSender(allowsPrivate: true)
            #expect(await sender.send(message(server.url)) == .delivered)
            let isEnded = try await server.allConnectionsEnd()
            #expect(isEnded)
        }
        try await ScriptedServer.run(.reset) { server in
            #expect(await CallbackSender(allowsPrivate: true).send(message(server.url)) == .failed)
        }
    }
}
