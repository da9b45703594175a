import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// The routes together: what goes in, what comes out, who may.
@Suite("Gateway routes")
struct GatewayRoutesTests {
    private static let user = "/api/personalization/users/u1"

    @Test("keeps a profile, with its version")
    func profile() async throws {
        try await TestGateway.run { gateway, client in
            let key = gateway.secretKey
            let unseen = try await client.send(.get, Self.user, key: key)
            #expect(unseen.status == .ok && unseen.field("ETag") == "\"0\"")
            #expect(
                unseen.text
                    == #"{"userId":"u1","timeZone":"UTC","featureUsage":[],"workflowPatterns":{"commonSequences":[],"timeOfDayUsage":{}},"#
                    + #""contentPreferences":[],"goals":{"shortTerm":[],"longTerm":[]},"goalProgress":[],"marketFocus":[],"#
                    + #""createdAt":null,"updatedAt":null}"#)
            let tracked = try await client.send(.post, "\(Self.user)/feature-usage", key: key, json: #"{"feature":"marketing-plan"}"#)
            #expect(tracked.status == .accepted && tracked.text == #"{"status":"accepted"}"#)
            let seen = try await client.send(.get, Self.user, key: key)
            #expect(seen.text.contains(#""featureUsage":[{"feature":"marketing-plan","count":1,"#))
            #expect(seen.field("Cache-Control") == "no-store" && seen.field("X-Content-Type-Options") == "nosniff")
            let tag = try #require(seen.field("ETag"))
            #expect(try await client.send(.get, Self.user, key: key, headers: [(.ifNoneMatch, tag)]).status == .notModified)
            let goals = #"{"shortTerm":["a"],"longTerm":[]}"#
            let stale = try await client.send(.put, "\(Self.user)/goals", key: key, json: goals, headers: [(.ifMatch, "\"0\"")])
            #expect(stale.status == .preconditionFailed)
            let fresh = try await client.send(.put, "\(Self.user)/goals", key: key, json: goals, headers: [(.ifMatch, tag)])
            #expect(fresh.status == .ok && fresh.field("ETag") != tag && fresh.text.hasPrefix(#"{"shortTerm":["a"],"longTerm":[],"#))
        }
    }

    @Test(
        "decodes ids in paths exactly once",
        arguments: [
            ("a%2Fb", "a/b"), ("a%23b", "a#b"), ("%2525", "%25"), ("e%CC%81", "e\u{301}"), ("%C3%A9", "\u{E9}"), ("a+b", "a+b"),
            ("..", ".."),
        ])
    func ids(_ segment: String, _ id: String) async throws {
        try await TestGateway.run { gateway, client in
            let answer = try await client.send(.get, "/api/personalization/users/\(segment)", key: gateway.secretKey)
            #expect(answer.status == .ok)
            // By bytes: `contains` would take the composed and the decomposed form for one.
            #expect(answer.text.utf8.starts(with: "{\"userId\":\"\(id)\",".utf8))
        }
    }

    @Test("refuses ids that are none", arguments: ["%00", "%0A", "%C2%85", "%FF", "%zz", "me", "%6De", String(repeating: "x", count: 257)])
    func badIDs(_ segment: String) async throws {
        try await TestGateway.run { gateway, client in
            let answer = try await client.send(.get, "/api/personalization/users/\(segment)", key: gateway.secretKey)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.pointers == ["/userId"])
        }
    }

    @Test("answers problems, each with a request id")
    func problems() async throws {
        try await TestGateway.run { gateway, client in
            let key = gateway.secretKey
            let post = "\(Self.user)/feature-usage"
            let cases: [(TestResponse, HTTPResponse.Status)] = [
                (try await client.send(.get, Self.user), .unauthorized),
                (try await client.send(.get, Self.user, key: "att_sk_none"), .unauthorized),
                (try await client.send(.get, Self.user, key: gateway.publishableKey), .forbidden),
                (try await client.send(.get, "/nothing", key: key), .notFound),
                (try await client.send(.get, "/api/personalization/users//dashboard", key: key), .notFound),
                (try await client.send(.post, Self.user, key: key, json: "{}"), .methodNotAllowed),
                (try await client.send(.post, post, key: key, json: "{"), .badRequest),
                (try await client.send(.post, post, key: key, json: ""), .badRequest),
                (try await client.send(.post, post, key: key, json: "{}", headers: [(.contentType, "text/plain")]), .unsupportedMediaType),
                (try await client.send(.post, post, key: key, json: "{}"), .unprocessableContent),
                (try await client.send(.post, post, key: key, json: String(repeating: " ", count: 600_000)), .contentTooLarge),
                (try await client.send(.patch, "\(Self.user)/goals", key: key, json: #"{"goal":"x","progress":1}"#), .notFound),
                (try await client.send(.get, "/tenants/nobody/.well-known/jwks.json"), .notFound),
            ]
            for (answer, status) in cases {
                #expect(answer.status == status)
                #expect(answer.field("Content-Type") == "application/problem+json")
                #expect(answer.field("X-Request-Id")?.isEmpty == false)
                #expect(answer.text.contains("\"status\":\(status.code)"))
            }
            #expect(cases[0].0.field("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            #expect(cases[5].0.field("Allow") == "DELETE, GET, HEAD")
        }
    }

    @Test("answers HEAD as GET without the body")
    func head() async throws {
        try await TestGateway.run { gateway, client in
            let get = try await client.send(.get, Self.user, key: gateway.secretKey)
            let head = try await client.send(.head, Self.user, key: gateway.secretKey)
            #expect(head.status == .ok && head.body.readableBytes == 0)
            #expect(head.field("Content-Length") == "\(get.body.readableBytes)" && head.field("ETag") == get.field("ETag"))
            #expect(try await client.send(.head, "/nothing").body.readableBytes == 0)
        }
    }

    @Test("keeps tenants apart")
    func tenants() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await client.send(.post, "\(Self.user)/feature-usage", key: gateway.secretKey, json: #"{"feature":"f"}"#)
            let foreign = try await client.send(.get, Self.user, key: gateway.otherSecretKey)
            #expect(foreign.field("ETag") == "\"0\"")
        }
    }

    @Test("lets a user token reach its own user only")
    func userTokens() async throws {
        try await TestGateway.run { gateway, client in
            struct Minted: Decodable { let token: String }
            let minted = try await client.send(
                .post, "/api/tokens", key: gateway.secretKey, json: #"{"userId":17,"scope":"personalization:read"}"#)
            #expect(minted.status == .created)
            let token = try JSONBody.decode(Minted.self, from: minted.body).token
            #expect(try await client.send(.get, "/api/personalization/users/me", key: token).text.hasPrefix(#"{"userId":"17","#))
            #expect(try await client.send(.get, "/api/personalization/users/17", key: token).status == .ok)
            #expect(try await client.send(.get, Self.user, key: token).status == .forbidden)
            #expect(try await client.send(.delete, "/api/personalization/users/me", key: token).status == .forbidden)
            #expect(try await client.send(.get, "/api/playbook", key: token).status == .forbidden)
            let form = try await client.send(
                .post, "/api/tokens/introspect", key: gateway.secretKey, json: "token=\(token)&token_type_hint=access_token",
                headers: [(.contentType, "application/x-www-form-urlencoded")])
            #expect(form.text.hasPrefix(#"{"active":true,"#) && form.text.contains(#""sub":"17""#))
            let unknown = try await client.send(.post, "/api/tokens/introspect", key: gateway.secretKey, json: #"{"token":"x"}"#)
            #expect(unknown.text == #"{"active":false}"#)
        }
    }

    @Test("does a POST with an Idempotency-Key once")
    func idempotency() async throws {
        try await TestGateway.run { gateway, client in
            let name = try #require(HTTPField.Name("Idempotency-Key"))
            func track(_ json: String, _ key: String) async throws -> TestResponse {
                try await client.send(.post, "\(Self.user)/feature-usage", key: gateway.secretKey, json: json, headers: [(name, key)])
            }
            let first = try await track(#"{"feature":"f"}"#, "k1")
            let second = try await track(#"{"feature":"f"}"#, "k1")
            #expect(first.status == .accepted && first.field("Idempotency-Replayed") == nil)
            #expect(second.status == .accepted && second.text == first.text && second.field("Idempotency-Replayed") == "true")
            #expect(try await client.send(.get, Self.user, key: gateway.secretKey).text.contains(#""count":1,"#))
            #expect(try await track(#"{"feature":"g"}"#, "k1").status == .unprocessableContent)
            let refused = try await track("{}", "k2")
            let refusedAgain = try await track("{}", "k2")
            #expect(refused.status == .unprocessableContent && refusedAgain.text == refused.text)
            #expect(refusedAgain.field("Idempotency-Replayed") == "true")
        }
    }

    @Test("limits each tenant's rate, and health's not")
    func rateLimit() async throws {
        try await TestGateway.run(rateLimitPerMinute: 2) { gateway, client in
            let first = try await client.send(.get, Self.user, key: gateway.secretKey)
            #expect(first.field("RateLimit-Policy") == #""tenant";q=2;w=60"#)
            #expect(first.field("RateLimit")?.hasPrefix(#""tenant";r=1;t="#) == true)
            _ = try await client.send(.get, Self.user, key: gateway.secretKey)
            let refused = try await client.send(.get, Self.user, key: gateway.secretKey)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.field("Retry-After").flatMap(Int.init).map { (1...30).contains($0) } == true)
            #expect(refused.field("RateLimit")?.hasPrefix(#""tenant";r=0;t="#) == true)
            #expect(try await client.send(.get, Self.user, key: gateway.otherSecretKey).status == .ok)
            #expect(try await client.send(.get, "/livez").status == .ok)
        }
    }

    @Test("meters routes by their pattern, without ids")
    func metrics() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await client.send(.get, Self.user, key: gateway.secretKey)
            _ = try await client.send(.get, "/secret/place")
            let text = try await client.send(.get, "/metrics").text
            #expect(
                text.contains(
                    #"attune_http_requests_total{method="GET",route="/api/personalization/users/{userId}",status="2xx"} 1"#))
            #expect(text.contains(#"attune_http_requests_total{method="any",route="none",status="4xx"} 1"#))
            #expect(!text.contains("u1") && !text.contains("secret"))
        }
    }

    @Test("takes over a plain X-Request-Id only")
    func requestIDs() async throws {
        try await TestGateway.run { _, client in
            let name = try #require(HTTPField.Name("X-Request-Id"))
            #expect(try await client.send(.get, "/livez", headers: [(name, "abc-1")]).field("X-Request-Id") == "abc-1")
            let made = try await client.send(.get, "/livez", headers: [(name, "a b")]).field("X-Request-Id")
            #expect(made != "a b" && made?.isEmpty == false)
        }
    }
}
