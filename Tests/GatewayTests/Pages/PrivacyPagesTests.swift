import Engine
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Operators' page of privacy")
struct PrivacyPagesTests {
    @Test("takes an id by its bytes, blanks at its ends included", arguments: [("dan ", "dan"), ("dan", "dan "), (" dan", "dan")])
    func exactIDs(_ erased: String, _ other: String) async throws {
        try await TestGateway.browse { gateway, browser in
            func path(_ id: String) -> String { "/api/personalization/users/\(id.replacing(" ", with: "%20"))" }
            for id in [erased, other] {
                let answer = try await browser.client.send(
                    .post, "\(path(id))/feature-usage", key: gateway.secretKey, json: #"{"feature":"f"}"#)
                #expect(answer.status == .accepted)
            }
            let token = try await browser.formToken()
            let confirm = try await browser.post("/privacy/users", [("formToken", token), ("userId", erased), ("action", "erase")])
            #expect(confirm.text.contains("name=\"userId\" value=\"\(erased)\"") && confirm.text.contains("exact\">\(erased)</p>"))
            let gone = try await browser.post("/privacy/erase", [("formToken", token), ("userId", erased)])
            #expect(gone.status == .seeOther)
            #expect(try await browser.client.send(.get, path(other), key: gateway.secretKey).text.contains("\"f\""))
            #expect(try await !browser.client.send(.get, path(erased), key: gateway.secretKey).text.contains("\"f\""))
        }
    }
}
