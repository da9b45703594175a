import Engine
import FoundationEssentials
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

/// Event, consent and batch routes: keys that repeat a request, and pages that may not use a key.
@Suite("Event route safety") struct EventSafetyTests {
    /// Headers with the key.
    private func keyed(_ key: String) throws -> [(HTTPField.Name, String)] { [(try #require(HTTPField.Name("Idempotency-Key")), key)] }

    @Test("the same Idempotency-Key on another route is another key: no event is lost")
    func keyPerRoute() async throws {
        try await TestGateway.run { gateway, client in
            func send(_ path: String, _ json: String) async throws -> String {
                try await client.send(
                    .post, path, key: gateway.secretKey, json: json, headers: keyed("same")
                ).text
            }
            let view = #"{"userId":"u1","url":"/a"}"#
            #expect(try await send("/api/track/page-view", view).contains(#""status":"accepted""#))
            #expect(try await send("/api/track/page-view", view).contains(#""status":"accepted""#))
            #expect(try await send("/api/track/interaction", #"{"userId":"u1","type":"page_view"}"#).contains(#""status":"accepted""#))
            #expect(try await send("/v1/track", #"{"userId":"u1","event":"page_view"}"#).contains("true"))
            let profile = try await client.send(
                .get, "/api/behavioral-ml/user-profile/behavioral?user_id=u1", key: gateway.secretKey)
            #expect(profile.text.contains(#""total_events":3,"#), "\(profile.text)")
        }
    }

    @Test("consent is read and decided by pages of the key's origins alone")
    func consentOrigins() async throws {
        try await TestGateway.run { gateway, client in
            struct Reply: Decodable {
                struct Answer: Decodable { let key: String }
                let answer: Answer
            }
            let json =
                #"{"operation":"key.create","arguments":{"tenant":"acme","kind":"publishable","label":"","#
                + #""origins":["https://shop.example"]}}"#
            let reply = await gateway.engine.operations.perform(json: Array(json.utf8), logger: Logger(label: "gateway-tests"))
            let key = try JSONDecoder().decode(Reply.self, from: Data(reply)).answer.key
            let body = #"{"purposes":{"analytics":false},"source":"banner"}"#
            for (origin, status) in [("https://evil.example", 403), ("https://shop.example", 200)] {
                let answer = try await client.send(.put, "/api/consent/u1", key: key, json: body, headers: [(.origin, origin)])
                #expect(answer.status.code == status, "\(answer.text)")
            }
            #expect(try await client.send(.put, "/api/consent/u1", key: key, json: body).status == .forbidden)
        }
    }

    @Test("an interaction without a type is told which member is missing")
    func missingType() async throws {
        try await TestGateway.run { gateway, client in
            let answer = try await client.send(.post, "/api/track/interaction", key: gateway.secretKey, json: #"{"userId":"u1"}"#)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.pointers == ["/type"])
        }
    }

    @Test("profiles and products that are sent again with their key get the first answer")
    func replays() async throws {
        try await TestGateway.run { gateway, client in
            let bodies = [
                ("/api/behavioral-profiles", #"{"user_id":"u1","behavioral_score":50,"interests":"lamps"}"#),
                ("/api/catalog/products/batch", #"{"products":[{"id":"p1","name":"Lamp","category":"lamps","available":true}]}"#),
            ]
            for (path, body) in bodies {
                func send(_ body: String) async throws -> (Int, String, String?) {
                    let answer = try await client.send(
                        .post, path, key: gateway.secretKey, json: body, headers: keyed("k"))
                    return (answer.status.code, answer.text, answer.field("Idempotency-Replayed"))
                }
                let (first, again, other) = (try await send(body), try await send(body), try await send(body + " "))
                #expect([200, 201].contains(first.0), "\(first)")
                #expect(first.2 == nil && again.2 == "true")
                #expect(first.0 == again.0 && first.1 == again.1)
                #expect(other.0 == 422)
            }
        }
    }
}
