import Engine
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// A browser as far as the pages need one: it keeps the session's cookie and sends forms.
struct Browser: Sendable {
    let client: any TestClientProtocol
    var cookie: String?

    func get(_ uri: String, headers more: [(HTTPField.Name, String)] = []) async throws -> TestResponse {
        try await client.send(.get, uri, headers: headers + more)
    }

    func post(_ uri: String, _ fields: [(String, String)], headers more: [(HTTPField.Name, String)] = []) async throws -> TestResponse {
        var fieldsSent = HTTPFields()
        for (name, value) in headers + [(.contentType, "application/x-www-form-urlencoded")] + more { fieldsSent[name] = value }
        let body = fields.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
        return try await client.execute(uri: uri, method: .post, headers: fieldsSent, body: ByteBuffer(string: body)) { $0 }
    }

    mutating func signIn(_ key: String) async throws {
        let answer = try await post("/login", [("key", key)])
        #expect(answer.status == .seeOther && answer.field("Location") == "/")
        cookie = try #require(answer.field("Set-Cookie")?.split(separator: ";").first.map(String.init))
    }

    /// The token that the forms of the session carry.
    func formToken() async throws -> String {
        let page = try await get("/keys").text
        let start = try #require(page.firstRange(of: "name=\"formToken\" value=\"")).upperBound
        return String(page[start...].prefix { $0 != "\"" })
    }

    private var headers: [(HTTPField.Name, String)] {
        [(.accept, "text/html,*/*")] + (cookie.map { [(.cookie, $0)] } ?? [])
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
            let digits = String(byte, radix: 16)
            return isPlain ? String(Unicode.Scalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

extension TestGateway {
    static func browse(_ body: @escaping @Sendable (TestGateway, inout Browser) async throws -> Void) async throws {
        try await run { gateway, client in
            var browser = Browser(client: client)
            try await browser.signIn(gateway.secretKey)
            try await body(gateway, &browser)
        }
    }
}
