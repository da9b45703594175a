import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("The privacy center")
struct PrivacyCenterTests {
    private func visit(_ gateway: TestGateway, _ client: any TestClientProtocol) async throws -> Browser {
        let json = #"{"userId":"u1","scope":"privacy:export privacy:erase"}"#
        let made = try await client.send(.post, "/api/tokens", key: gateway.secretKey, json: json).text
        let start = try #require(made.firstRange(of: "\"token\":\"")).upperBound
        let token = String(made[start...].prefix { $0 != "\"" })
        var browser = Browser(client: client)
        let looked = try await browser.get("/privacy-center?token=\(token)")
        #expect(looked.status == .ok && looked.field("Set-Cookie") == nil && looked.field("Referrer-Policy") == "no-referrer")
        let entered = try await browser.post("/privacy-center", [("token", token)])
        browser.cookie = try #require(entered.field("Set-Cookie")?.split(separator: ";").first.map(String.init))
        let again = try await browser.get("/privacy-center?token=\(token)")
        #expect(again.status == .unauthorized && again.field("Referrer-Policy") == "no-referrer")
        return browser
    }

    @Test("has one entry of the log for each format, and none for who only asks whether there is a file")
    func entries() async throws {
        try await TestGateway.run { gateway, client in
            let browser = try await visit(gateway, client)
            func exports() async throws -> Int {
                let log = try await client.send(.get, "/api/privacy/audit?limit=100", key: gateway.secretKey).text
                return log.split(separator: "\"action\":\"export\"").count - 1
            }
            for path in ["/privacy-center/export", "/privacy-center/export?format=csv"] {
                let head = try await client.send(.head, path, headers: [(.cookie, try #require(browser.cookie))])
                #expect(head.status == .ok && head.field("Content-Disposition") != nil)
            }
            #expect(try await exports() == 0)
            for path in ["/privacy-center/export", "/privacy-center/export", "/privacy-center/export?format=csv"] {
                #expect(try await browser.get(path).text.contains("u1"))
            }
            #expect(try await exports() == 2)
        }
    }

    @Test("is left by a form")
    func leaving() async throws {
        try await TestGateway.run { gateway, client in
            let browser = try await visit(gateway, client)
            let page = try await browser.get("/privacy-center").text
            let start = try #require(page.firstRange(of: "name=\"formToken\" value=\"")).upperBound
            let token = String(page[start...].prefix { $0 != "\"" })
            #expect(try await browser.post("/privacy-center/leave", [("formToken", "x")]).status == .forbidden)
            let left = try await browser.post("/privacy-center/leave", [("formToken", token)])
            #expect(left.status == .ok && left.field("Set-Cookie")?.contains("Max-Age=0") == true)
        }
    }

    @Test("is within the tenant's rate, and takes nothing from the API's")
    func rate() async throws {
        try await TestGateway.run(rateLimitPerMinute: 3) { gateway, client in
            let browser = try await visit(gateway, client)
            var statuses: [HTTPResponse.Status] = []
            for _ in 0..<4 { statuses.append(try await browser.get("/privacy-center").status) }
            #expect(statuses == [.ok, .ok, .ok, .tooManyRequests])
            #expect(try await client.send(.get, "/api/privacy/audit", key: gateway.secretKey).status == .ok)
        }
    }
}
