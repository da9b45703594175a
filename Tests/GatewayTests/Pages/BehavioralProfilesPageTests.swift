import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Page of behavioral profiles")
struct BehavioralProfilesPageTests {
    private static let path = "/api/ui-dashboard/behavioral-profiling-dashboard-ui"

    private func make(_ user: String, _ score: Double, _ gateway: TestGateway, _ client: any TestClientProtocol) async throws {
        let json = #"{"user_id":"\#(user)","behavioral_score":\#(score),"interests":"lamps"}"#
        let answer = try await client.send(.post, "/api/behavioral-profiles", key: gateway.secretKey, json: json)
        #expect(answer.status == .created)
    }

    @Test("makes a profile, and shows it with its level in words and its strategy")
    func creates() async throws {
        try await TestGateway.browse { gateway, browser in
            #expect(try await browser.get(Self.path).text.contains("No behavioral profiles yet"))
            let made = try await browser.post(
                Self.path,
                [
                    ("user_id", "ada"), ("behavioral_score", "82.5"), ("interests", "lamps, chairs"), ("lead_id", "17"),
                    ("engagement_level", ""), ("formToken", try await browser.formToken()),
                ])
            #expect(made.status == .seeOther)
            let location = try #require(made.field("Location"))
            #expect(location == Self.path + "?created=1")
            let page = try await browser.get(location).text
            for text in [
                "Profile 1 created for <strong>ada</strong>", "<span class=\"badge high\">high</span>", "lamps, chairs",
                "Lead 17",
                "Maintain engagement with premium content and exclusive offers", "90% confidence",
                "A behavioral score of 82.5 is 70 or higher",
                "<a href=\"/profiles/ada\">ada</a>",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            let stored = try await browser.client.send(.get, "/api/behavioral-profiles/user/ada", key: gateway.secretKey).text
            #expect(stored.contains(#""lead_id":17,"behavioral_score":82.5,"interests":"lamps, chairs","engagement_level":"high""#))
            // Somebody else's number says nothing.
            #expect(try await !browser.get(Self.path + "?created=2").text.contains("created for"))
        }
    }

    struct Refusal: Sendable {
        var user = "new"
        var score = "50"
        var level = ""
        var status = 422
        let field: String
        let detail: String

        var fields: [(String, String)] { [("user_id", user), ("behavioral_score", score), ("engagement_level", level)] }
    }

    private static let refusals: [Refusal] = [
        Refusal(user: "", field: "user_id", detail: "is missing"),
        Refusal(user: String(repeating: "x", count: 257), field: "user_id", detail: "must"),
        Refusal(user: "ada", status: 409, field: "user_id", detail: "The user has a behavioral profile."),
        Refusal(score: "", field: "behavioral_score", detail: "is missing"),
        Refusal(score: "lots", field: "behavioral_score", detail: "must be a number from 0 to 100"),
        Refusal(score: "nan", field: "behavioral_score", detail: "must be a number from 0 to 100"),
        Refusal(score: "8e1", field: "behavioral_score", detail: "must be a number from 0 to 100"),
        Refusal(score: "100.5", field: "behavioral_score", detail: "must be from 0 to 100"),
        Refusal(level: "high", field: "engagement_level", detail: "contradicts the score"),
        Refusal(level: "odd", field: "engagement_level", detail: "must be high"),
    ]

    @Test("says at the field what is wrong, and keeps what was typed", arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        let field = refusal.field
        try await TestGateway.browse { gateway, browser in
            try await make("ada", 80, gateway, browser.client)
            let sent = refusal.fields + [("interests", "vases & <b>bowls</b>"), ("formToken", try await browser.formToken())]
            let answer = try await browser.post(Self.path, sent)
            #expect(answer.status.code == refusal.status)
            let page = answer.text
            let said = try #require(page.firstRange(of: "<p class=\"field-error\" id=\"\(field)-error\">"))
            #expect(page[said.upperBound...].prefix { $0 != "<" }.hasPrefix(refusal.detail))
            #expect(page.contains("name=\"\(field)\"") && page.contains("aria-describedby=\"\(field)-error\" autofocus"))
            #expect(page.contains("vases &amp; &lt;b&gt;bowls&lt;/b&gt;</textarea>"))
            for (name, value) in refusal.fields where !value.isEmpty && name != "engagement_level" {
                #expect(page.contains("name=\"\(name)\" value=\"\(value)\""))
            }
            #expect(page.components(of: "field-error") == 1)
            let stored = try await browser.client.send(.get, "/api/behavioral-profiles", key: gateway.secretKey).text
            #expect(stored.components(of: "\"id\"") == 1)
        }
    }

    @Test("filters by level and goes on page by page")
    func lists() async throws {
        try await TestGateway.browse { gateway, browser in
            for number in 1...9 { try await make("u\(number)", Double(number * 10), gateway, browser.client) }
            let low = try await browser.get(Self.path + "?engagement_level=low").text
            #expect(
                low.components(of: "<th scope=\"row\" class=\"user\">") == 3 && low.contains("badge low") && !low.contains("badge high\""))
            #expect(low.contains("<option value=\"low\" selected>"))
            var (seen, next): ([String], String?) = ([], Self.path + "?engagement_level=medium&limit=2")
            while let path = next {
                let page = try await browser.get(path).text
                seen += (1...9).map { "u\($0)" }.filter { page.contains(">\($0)</a>") }
                next = page.firstMatch(of: /href="([^"]*)" rel="next"/).map {
                    String($0.output.1).replacing("&amp;", with: "&")
                }
            }
            #expect(seen == ["u4", "u5", "u6"])
            for wrong in ["engagement_level=odd", "limit=0", "limit=101", "skip=x", "after_id=-1"] {
                #expect(try await browser.get(Self.path + "?\(wrong)").status == .unprocessableContent, "\(wrong)")
            }
            #expect(try await browser.get(Self.path + "?engagement_level=").text.components(of: "<th scope=\"row\" class=\"user\">") == 9)
        }
    }

    @Test("is for signed-in operators of the tenant, and takes their own forms alone")
    func isGuarded() async throws {
        try await TestGateway.browse { gateway, browser in
            let fields = [("user_id", "x"), ("behavioral_score", "1")]
            #expect(try await browser.post(Self.path, fields).status == .forbidden)
            #expect(try await browser.post(Self.path, fields + [("formToken", "forged")]).status == .forbidden)
            try await make("ada", 80, gateway, browser.client)
            var other = Browser(client: browser.client)
            try await other.signIn(gateway.otherSecretKey)
            #expect(try await !other.get(Self.path + "?created=1").text.contains("ada"))
            let stranger = Browser(client: browser.client)
            #expect(try await stranger.get(Self.path).field("Location") == "/login?next=" + Self.path.replacing("/", with: "%2F"))
            #expect(try await stranger.post(Self.path, fields).status == .seeOther)
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
