import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Operators' sessions on the pages")
struct SessionPagesTests {
    @Test("sends whoever is not signed in to log in, and back afterwards", arguments: ["/", "/profiles?q=a%20b", "/profiles/u1", "/keys"])
    func redirects(_ path: String) async throws {
        try await TestGateway.run { gateway, client in
            let browser = Browser(client: client)
            let answer = try await browser.get(path)
            #expect(answer.status == .seeOther)
            let location = try #require(answer.field("Location"))
            #expect(location.hasPrefix("/login?next=%2F"))
            #expect(try await browser.get(location).text.contains("name=\"next\" value=\"\(path)\""))
            let login = try await browser.post("/login", [("key", gateway.secretKey), ("next", path)])
            #expect(login.status == .seeOther && login.field("Location") == path)
        }
    }

    @Test("goes to no other server after log-in", arguments: ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/x", ""])
    func foreignNext(_ next: String) async throws {
        try await TestGateway.run { gateway, client in
            let login = try await Browser(client: client).post("/login", [("key", gateway.secretKey), ("next", next)])
            #expect(login.field("Location") == "/")
        }
    }

    @Test("gives a cookie that scripts and other sites do not get")
    func cookie() async throws {
        try await TestGateway.run { gateway, client in
            let login = try await Browser(client: client).post("/login", [("key", gateway.secretKey)])
            let cookie = try #require(login.field("Set-Cookie"))
            for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=28800"] { #expect(cookie.contains(part)) }
            #expect(!cookie.contains("Secure") && !cookie.contains(gateway.secretKey) && !login.text.contains(gateway.secretKey))
            gateway.engine.publicURL.settle("https://attune.example")
            let secure = try #require(try await Browser(client: client).post("/login", [("key", gateway.secretKey)]).field("Set-Cookie"))
            #expect(secure.hasPrefix("__Host-") && secure.contains("; Secure"))
        }
    }

    @Test("gives no secure cookie over plain HTTP", arguments: ["http", "http, https", "", "httpsx"])
    func plainCookie(_ scheme: String) async throws {
        try await TestGateway.run { gateway, client in
            let proxied: [(HTTPField.Name, String)] = [(try #require(.init("X-Forwarded-Proto")), scheme)]
            let login = try await Browser(client: client).post("/login", [("key", gateway.secretKey)], headers: proxied)
            #expect(login.field("Set-Cookie")?.hasPrefix("attune-session=") ?? false)
        }
    }

    @Test("bounds how often a tenant's operators ask, apart from its programs")
    func rate() async throws {
        try await TestGateway.run(rateLimitPerMinute: 2) { gateway, client in
            var browser = Browser(client: client)
            try await browser.signIn(gateway.secretKey)
            let page = try await browser.get("/profiles")
            #expect(page.status == .ok && page.field("RateLimit-Policy") == "\"tenant\";q=2;w=60")
            // A flood of the API leaves the pages alone.
            for _ in 0..<2 { #expect(try await client.send(.get, "/api/playbook", key: gateway.secretKey).status == .ok) }
            #expect(try await client.send(.get, "/api/playbook", key: gateway.secretKey).status == .tooManyRequests)
            #expect(try await browser.get("/keys").status == .ok)
            for path in ["/", "/profiles", "/profiles/u1", "/keys", "/live"] {
                let answer = try await browser.get(path)
                #expect(answer.status == .tooManyRequests && answer.field("Retry-After") != nil, "\(path)")
                #expect(answer.field("RateLimit")?.contains("r=0") ?? false)
            }
            // Another tenant's are its own.
            var other = Browser(client: client)
            try await other.signIn(gateway.otherSecretKey)
            #expect(try await other.get("/").status == .ok)
        }
    }

    @Test("says the same of every key that is not good, and repeats none")
    func wrongKeys() async throws {
        try await TestGateway.run { gateway, client in
            let browser = Browser(client: client)
            var pages: Set<String> = []
            for key in ["", "nonsense", String(gateway.secretKey.dropLast()) + "!", gateway.publishableKey] {
                let answer = try await browser.post("/login", [("key", key)])
                #expect(answer.status == .unauthorized && answer.field("Set-Cookie") == nil)
                #expect(key.isEmpty || !answer.text.contains(key))
                pages.insert(answer.text)
            }
            #expect(pages.count == 1)
        }
    }

    @Test("bounds wrong keys")
    func attempts() async throws {
        try await TestGateway.run { gateway, client in
            let browser = Browser(client: client)
            for _ in 0..<GatewayLimits.loginFailuresMax { _ = try await browser.post("/login", [("key", "wrong")]) }
            var answer = try await browser.post("/login", [("key", "wrong")])
            // On a slow machine some are forgotten meanwhile.
            for _ in 0..<20 where answer.status != .tooManyRequests { answer = try await browser.post("/login", [("key", "wrong")]) }
            #expect(answer.status == .tooManyRequests)
            #expect(answer.field("Retry-After").flatMap { Int($0) } ?? 0 > 0)
            // Others at the same address do not keep an operator out.
            #expect(try await browser.post("/login", [("key", gateway.secretKey)]).status == .seeOther)
        }
    }

    @Test("takes forms of the session alone")
    func forms() async throws {
        try await TestGateway.browse { gateway, browser in
            let token = try await browser.formToken()
            var other = Browser(client: browser.client)
            try await other.signIn(gateway.secretKey)
            let foreign = try await other.formToken()
            #expect(foreign != token)
            let key = [("kind", "privacy")]
            #expect(try await browser.post("/keys", key).status == .forbidden)
            #expect(try await browser.post("/keys", key + [("formToken", foreign)]).status == .forbidden)
            for (name, value): (HTTPField.Name, String) in [
                (.init("Sec-Fetch-Site") ?? .origin, "cross-site"), (.origin, "https://evil.example"), (.origin, "null"),
            ] {
                let answer = try await browser.post("/keys", key + [("formToken", token)], headers: [(name, value)])
                #expect(answer.status == .forbidden)
            }
            let crossLogin = try await browser.post("/login", [("key", gateway.secretKey)], headers: [(.origin, "https://evil.example")])
            #expect(crossLogin.status == .forbidden && crossLogin.field("Set-Cookie") == nil)
            #expect(try await browser.post("/keys", key + [("formToken", token)]).status == .created)
        }
    }

    @Test("ends at log-out, for every copy of the cookie")
    func logOut() async throws {
        try await TestGateway.browse { _, browser in
            #expect(try await browser.post("/logout", []).status == .forbidden)
            #expect(try await browser.get("/").status == .ok)
            let answer = try await browser.post("/logout", [("formToken", try await browser.formToken())])
            #expect(answer.status == .seeOther && answer.field("Location") == "/login")
            #expect(answer.field("Set-Cookie")?.contains("Max-Age=0") ?? false)
            #expect(try await browser.get("/").status == .seeOther)
        }
    }

    @Test("ends with its key")
    func revokedKey() async throws {
        try await TestGateway.browse { gateway, browser in
            let id = String(gateway.secretKey.dropFirst(7).prefix(8))
            let page = try await browser.get("/keys/\(id)/revoke")
            #expect(page.status == .ok && page.text.contains("Your session") || page.text.contains("your session"))
            let answer = try await browser.post("/keys/\(id)/revoke", [("formToken", try await browser.formToken())])
            #expect(answer.status == .seeOther)
            #expect(try await browser.get("/keys").status == .seeOther)
            #expect(try await browser.get("/live").status == .unauthorized)
            #expect(try await browser.client.send(.get, "/api/playbook", key: gateway.secretKey).status == .unauthorized)
        }
    }

    @Test("takes no cookie that was tampered with")
    func forgery() async throws {
        try await TestGateway.browse { gateway, browser in
            let cookie = try #require(browser.cookie)
            let parts = cookie.split(separator: ".").map(String.init)
            let otherID = String(gateway.otherSecretKey.dropFirst(7).prefix(8))
            let later = String((Int(parts[2]) ?? 0) + 1)
            for forged in [
                cookie + "A", String(cookie.dropLast()), [parts[0], otherID, parts[2], parts[3], parts[4]].joined(separator: "."),
                [parts[0], parts[1], later, parts[3], parts[4]].joined(separator: "."), "attune-session=", "attune-session=1....",
            ] {
                browser.cookie = forged
                #expect(try await browser.get("/").status == .seeOther, "\(forged)")
            }
        }
    }
}
