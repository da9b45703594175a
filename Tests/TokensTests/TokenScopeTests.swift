import Testing
import Tokens

@Suite struct TokenScopeTests {
    @Test func allSixAreKnown() {
        let list = "personalization:read personalization:write events:write profile:read privacy:export privacy:erase"
        let (scopes, unknown) = TokenScope.parse(list)
        #expect(scopes == TokenScope.allCases && unknown.isEmpty)
        #expect(TokenScope.list(TokenScope.allCases) == list)
        #expect(TokenScope.list(TokenScope.defaults) == "personalization:read personalization:write events:write")
    }

    @Test(
        arguments: [
            ("", [], []), ("profile:read profile:read", [.profileRead], []), ("profile:read admin", [.profileRead], ["admin"]),
            ("Profile:Read", [], ["Profile:Read"]), (" profile:read", [.profileRead], [""]),
            ("profile:read\tevents:write", [], ["profile:read\tevents:write"]),
        ] as [(String, [TokenScope], [String])])
    func theUnknownIsReported(list: String, scopes: [TokenScope], unknown: [String]) {
        let parsed = TokenScope.parse(list)
        #expect(parsed.scopes == scopes && parsed.unknown == unknown)
    }
}
