import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// Who may send events, how many, and in what form.
@Suite("Event admission")
struct EventAdmissionTests {
    private static let routes = [
        ("/api/track/page-view", #"{"userId":"u1","url":"/a"}"#), ("/api/track/interaction", #"{"userId":"u1","type":"page_view"}"#),
        ("/api/track/batch", #"{"batch":[]}"#), ("/v1/track", #"{"userId":"u1","event":"e"}"#), ("/v1/batch", #"{"batch":[]}"#),
        ("/api/behavioral-ml/track-interaction", #"{"user_id":"u1","product_id":1,"interaction_type":"product_view"}"#),
    ]

    @Test("a key's and a tenant's rates bound every route that takes events", arguments: routes)
    func rates(_ path: String, _ json: String) async throws {
        try await TestGateway.run(eventRateLimitPerKey: 2) { gateway, client in
            for _ in 0..<2 {
                let answer = try await client.send(.post, path, key: gateway.publishableKey, json: json)
                #expect((200...202).contains(answer.status.code), "\(answer.text)")
            }
            let refused = try await client.send(.post, path, key: gateway.publishableKey, json: json)
            #expect(refused.status == .tooManyRequests && refused.field("Retry-After") != nil)
            #expect(refused.field("RateLimit-Policy") == "\"key\";q=2;w=60")
            // Refused before it is read: nobody asks whether it can be read.
            let unread = try await client.send(.post, path, key: gateway.publishableKey, json: "{")
            #expect(unread.status == .tooManyRequests)
            #expect(try await client.send(.post, path, key: gateway.secretKey, json: json).status != .tooManyRequests)
        }
        try await TestGateway.run(rateLimitPerMinute: 3) { gateway, client in
            for _ in 0..<3 { #expect(try await client.send(.post, path, key: gateway.secretKey, json: json).status != .tooManyRequests) }
            let refused = try await client.send(.post, path, key: gateway.secretKey, json: json)
            #expect(refused.status == .tooManyRequests && refused.field("RateLimit-Policy") == "\"tenant\";q=3;w=60")
        }
    }

    @Test("whoever is not let in is told so before the body is looked at", arguments: routes)
    func admissionFirst(_ path: String, _ json: String) async throws {
        try await TestGateway.run { gateway, client in
            let gzip: [(HTTPField.Name, String)] = [(.contentEncoding, "gzip")]
            let stranger = try await client.send(.post, path, key: "att_sk_wrong", json: "no gzip", headers: gzip)
            #expect(stranger.status == .unauthorized)
            let known = try await client.send(.post, path, key: gateway.secretKey, json: "no gzip", headers: gzip)
            #expect(known.status == .badRequest)
        }
    }

    @Test("an interaction may come compressed, and is bounded either way")
    func interactions() async throws {
        try await TestGateway.run { gateway, client in
            let path = "/api/behavioral-ml/track-interaction"
            // `{"user_id":"g1","product_id":7,"interaction_type":"add_to_cart"}`, by `gzip -9n`.
            let compressed: [UInt8] = GzipSamples.interaction
            var fields: HTTPFields = [.contentType: "application/json", .contentEncoding: "gzip"]
            fields[.authorization] = "Bearer \(gateway.secretKey)"
            let taken = try await client.execute(uri: path, method: .post, headers: fields, body: ByteBuffer(bytes: compressed)) { $0 }
            #expect(taken.status == .accepted, "\(taken.text)")
            let rating = try await client.send(
                .get, "/api/behavioral-ml/features/implicit-rating?user_id=g1&product_id=7", key: gateway.secretKey)
            #expect(rating.text.contains("add_to_cart"))
            func send(_ bytes: Int) async throws -> HTTPResponse.Status {
                let json = #"{"user_id":"g1","product_id":7,"interaction_type":"product_view","note":""#
                let filler = String(repeating: "x", count: bytes - json.utf8.count - 2)
                return try await client.send(.post, path, key: gateway.secretKey, json: json + filler + "\"}").status
            }
            #expect(try await send(32 * 1024) == .accepted)
            #expect(try await send(32 * 1024 + 1) == .contentTooLarge)
            #expect(try await send(600_000) == .contentTooLarge)
        }
    }

    @Test("a suspended tenant's key is told so by the settings, any other finds nothing")
    func settings() async throws {
        try await TestGateway.run { gateway, client in
            let path = "/v1/projects/\(gateway.publishableKey)/settings"
            #expect(try await client.send(.get, path).status == .ok)
            #expect(try await client.send(.get, "/v1/projects/att_pk_nobody/settings").status == .notFound)
            try await gateway.operate(#"{"operation":"tenant.suspend","arguments":{"tenant":"acme","isSuspended":true}}"#)
            let hidden = try await client.send(.get, "/v1/projects/\(gateway.secretKey)/settings")
            #expect(hidden.status == .notFound && !hidden.text.contains(gateway.secretKey))
            let refused = try await client.send(.get, path)
            #expect(refused.status == .forbidden && refused.field("Content-Type") == "application/problem+json")
            try await gateway.operate(#"{"operation":"tenant.suspend","arguments":{"tenant":"acme","isSuspended":false}}"#)
            #expect(try await client.send(.get, path).status == .ok)
            // An address is no place for other credentials: they are neither taken nor said again.
            let answer = try await client.send(.post, "/api/tokens", key: gateway.secretKey, json: #"{"userId":"u1"}"#).text
            let token = try #require(answer.split(separator: "\"").first { $0.hasPrefix("ey") })
            for credential in [gateway.secretKey, String(token)] {
                let hidden = try await client.send(.get, "/v1/projects/\(credential)/settings")
                #expect(hidden.status == .notFound && !hidden.text.contains(credential))
            }
        }
    }

    @Test("an opt-out that comes twice or as a list refuses on every route that takes events", arguments: routes)
    func optOut(_ path: String, _ json: String) async throws {
        try await TestGateway.run { gateway, client in
            let json = json.replacing("[]", with: #"[{"type":"track","userId":"u1","event":"e"}]"#)
            let optOut: [(HTTPField.Name, String)] = [(try #require(HTTPField.Name("Sec-GPC")), "1, 1")]
            let answer = try await client.send(.post, path, key: gateway.secretKey, json: json, headers: optOut)
            #expect((200...202).contains(answer.status.code) && (path.hasPrefix("/v1/") || answer.text.contains(#""reason":"consent""#)))
            let features = try await client.send(
                .post, "/api/behavioral-ml/features/extract-batch", key: gateway.secretKey, json: #"{"user_ids":["u1"]}"#)
            #expect(features.text.contains(#""total_events":0"#), "\(features.text)")
        }
    }
}
