import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Pages")
struct PagesTests {
    private static let hostile = "<script>alert(1)</script>\"'&"
    private static let hostileSegment = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22'%26"

    private func use(_ feature: String, by segment: String, key: String, _ client: any TestClientProtocol) async throws {
        let json = "{\"feature\":\"\(feature.replacing("\"", with: "\\\""))\"}"
        let answer = try await client.send(.post, "/api/personalization/users/\(segment)/feature-usage", key: key, json: json)
        #expect(answer.status == .accepted)
    }

    @Test(
        "lets nothing in but its own files, and is kept nowhere",
        arguments: [
            "/", "/profiles", "/keys", "/login", "/profiles/nobody", "/api/ui-dashboard/behavioral-profiling-dashboard-ui",
        ])
    func headers(_ path: String) async throws {
        try await TestGateway.browse { _, browser in
            if path == "/login" { browser.cookie = nil }
            let page = try await browser.get(path)
            let policy = try #require(page.field("Content-Security-Policy"))
            for part in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'",
                "frame-ancestors 'none'",
            ] {
                #expect(policy.contains(part))
            }
            #expect(!policy.contains("unsafe"))
            #expect(page.field("Cache-Control") == "no-store" && page.field("X-Content-Type-Options") == "nosniff")
            #expect(page.field("Cross-Origin-Opener-Policy") == "same-origin" && page.field("Content-Type") == "text/html; charset=utf-8")
            #expect(page.field("Referrer-Policy") == "same-origin")
            #expect(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("<style"))
        }
    }

    @Test("escapes what users are called and do")
    func hostileText() async throws {
        try await TestGateway.browse { gateway, browser in
            try await use(Self.hostile, by: Self.hostileSegment, key: gateway.secretKey, browser.client)
            let goals = "{\"shortTerm\":[\"<img src=x onerror=alert(1)>\"],\"longTerm\":[]}"
            _ = try await browser.client.send(
                .put, "/api/personalization/users/\(Self.hostileSegment)/goals", key: gateway.secretKey, json: goals)
            for path in ["/", "/profiles", "/profiles?q=%3Cscript%3E&feature=%22%3E%3Cb%3E", "/profiles/\(Self.hostileSegment)"] {
                let page = try await browser.get(path)
                #expect(page.status == .ok, "\(path)")
                #expect(
                    !page.text.contains("<script>alert") && !page.text.contains("<img src=x") && !page.text.contains("\"><b>"), "\(path)")
            }
            #expect(try await browser.get("/profiles").text.contains("href=\"/profiles/%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26\""))
            let made = try await browser.post(
                "/keys", [("kind", "secret"), ("label", Self.hostile), ("formToken", try await browser.formToken())])
            #expect(made.status == .created && !made.text.contains("<script>alert"))
            #expect(!(try await browser.get("/keys").text.contains("<script>alert")))
        }
    }

    @Test("shows a tenant its own alone")
    func tenants() async throws {
        try await TestGateway.browse { gateway, browser in
            try await use("f", by: "ours", key: gateway.secretKey, browser.client)
            try await use("f", by: "theirs", key: gateway.otherSecretKey, browser.client)
            let list = try await browser.get("/profiles").text
            #expect(list.contains("ours") && !list.contains("theirs") && list.contains("<p class=\"muted\">1 user</p>"))
            #expect(try await browser.get("/profiles/theirs").status == .notFound)
            let otherKey = String(gateway.otherSecretKey.dropFirst(7).prefix(8))
            #expect(!(try await browser.get("/keys").text.contains(otherKey)))
            let token = try await browser.formToken()
            for action in ["rotate", "revoke"] {
                #expect(try await browser.get("/keys/\(otherKey)/\(action)").status == .notFound)
                #expect(try await browser.post("/keys/\(otherKey)/\(action)", [("formToken", token)]).status == .notFound)
            }
            #expect(try await browser.client.send(.get, "/api/playbook", key: gateway.otherSecretKey).status == .ok)
        }
    }

    @Test("finds, filters and pages")
    func search() async throws {
        try await TestGateway.browse { gateway, browser in
            for number in 10..<32 {
                try await use(number < 20 ? "low" : "high", by: "user-\(number)", key: gateway.secretKey, browser.client)
            }
            #expect(try await browser.get("/profiles?q=ER-2").text.contains("10 users on this page"))
            #expect(try await browser.get("/profiles?feature=low").text.contains("10 users on this page"))
            #expect(try await browser.get("/profiles?q=user-31").text.contains("1 user on this page"))
            #expect(try await browser.get("/profiles?q=nobody").text.contains("No matching users"))
            #expect(try await browser.get("/profiles?activeDays=1").text.contains("22 users on this page"))
            var seen: Set<String> = []
            var path: String? = "/profiles?limit=5"
            while let present = path {
                let page = try await browser.get(present).text
                for number in 10..<32 where page.contains("/profiles/user-\(number)\"") {
                    #expect(seen.insert("user-\(number)").inserted)
                }
                path = page.firstRange(of: "<a class=\"button\" href=\"/profiles?limit=5&amp;cursor=").map { range in
                    "/profiles?limit=5&cursor=" + page[range.upperBound...].prefix { $0 != "\"" }
                }
            }
            #expect(seen.count == 22)
            for wrong in ["limit=0", "limit=x", "cursor=AAAA", "activeDays=-1", "q=a&q=b"] {
                #expect(try await browser.get("/profiles?\(wrong)").status == .unprocessableContent, "\(wrong)")
            }
        }
    }

    @Test("shows a user's dashboard with its reasons")
    func profile() async throws {
        try await TestGateway.browse { gateway, browser in
            try await use("marketing-plan", by: "ada", key: gateway.secretKey, browser.client)
            let page = try await browser.get("/profiles/ada").text
            for text in [
                "Marketing Plan", "Priority actions", "Used Marketing Plan for the first time", "Set your first goals",
                "set any goals yet",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            let overview = try await browser.get("/").text
            #expect(overview.contains("data-live=\"users\">1<") && overview.contains("data-live=\"uses\">1<"))
            #expect(overview.contains("data-live=\"dashboards\">0<"), "an operator's look is no dashboard answered")
            _ = try await browser.client.send(.get, "/api/personalization/users/ada/dashboard", key: gateway.secretKey)
            #expect(try await browser.get("/").text.contains("data-live=\"dashboards\">1<"))
        }
    }

    @Test("creates and rotates keys")
    func keys() async throws {
        try await TestGateway.browse { gateway, browser in
            let token = try await browser.formToken()
            let made = try await browser.post(
                "/keys",
                [("kind", "publishable"), ("label", "shop"), ("origins", "https://a.example\nhttps://b.example"), ("formToken", token)])
            #expect(made.status == .created)
            let start = try #require(made.text.firstRange(of: "value=\"att_pk_")).upperBound
            let id = String(made.text[start...].prefix(8))
            let list = try await browser.get("/keys").text
            #expect(list.contains("shop") && list.contains(id) && list.contains("https://b.example") && !list.contains("att_pk_"))
            let rotated = try await browser.post("/keys/\(id)/rotate", [("overlapSeconds", "3600"), ("formToken", token)])
            #expect(rotated.status == .created && rotated.text.contains("keeps working for 1 h"))
            #expect(try await browser.get("/keys").text.contains("Expires in"))
            for wrong in [
                [("kind", "other")], [], [("kind", "secret"), ("origins", "no-url")],
                [("kind", "secret"), ("label", String(repeating: "x", count: 129))],
            ] {
                let answer = try await browser.post("/keys", wrong + [("formToken", token)])
                #expect(answer.status == .unprocessableContent && answer.text.contains("The key could not be created"))
            }
            #expect(
                try await browser.post("/keys/\(id)/rotate", [("overlapSeconds", "x"), ("formToken", token)]).status
                    == .unprocessableContent)
        }
    }

    @Test("answers browsers with pages and programs with problems")
    func errors() async throws {
        try await TestGateway.browse { gateway, browser in
            let page = try await browser.get("/nothing")
            #expect(page.status == .notFound && page.field("Content-Type")?.hasPrefix("text/html") ?? false)
            #expect(page.text.contains("<nav aria-label=\"Pages\">") && page.text.contains("Back to Overview"))
            let key = try await browser.get("/keys/aaaaaaaa/revoke")
            #expect(key.status == .notFound && key.text.contains("aria-current=\"page\">Keys<") && key.text.contains("Back to Keys"))
            browser.cookie = nil
            let stranger = try await browser.get("/nothing")
            #expect(stranger.status == .notFound && !stranger.text.contains("<nav"))
            let problem = try await browser.client.send(.get, "/nothing")
            #expect(problem.status == .notFound && problem.field("Content-Type") == "application/problem+json")
            let api = try await browser.get("/api/personalization/users/u1")
            #expect(api.status == .unauthorized && api.field("Content-Type") == "application/problem+json")
        }
    }

    @Test("serves its files under names that change with them")
    func assets() async throws {
        try await TestGateway.browse { _, browser in
            let page = try await browser.get("/").text
            for (attribute, type, bytesMax) in [("href=\"/assets/", "text/css", 40_000), ("src=\"/assets/", "text/javascript", 4096)] {
                let start = try #require(page.firstRange(of: attribute)).upperBound
                let file = try await browser.get("/assets/" + page[start...].prefix { $0 != "\"" })
                #expect(file.status == .ok && file.field("Content-Type")?.hasPrefix(type) ?? false)
                #expect(file.field("Cache-Control") == "public, max-age=31536000, immutable")
                #expect(file.body.readableBytes <= bytesMax)
            }
            #expect(try await browser.get("/assets/attune.css").status == .notFound)
        }
    }
}
