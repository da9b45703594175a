import Engine
import FoundationEssentials
import Gateway
import HTTPTypes
import Testing

@Suite("Credential")
struct CredentialTests {
    @Test("reads Bearer, whatever the case of the scheme", arguments: ["Bearer abc", "bearer abc", "BEARER  abc"])
    func bearer(_ header: String) throws {
        #expect(try Credential.read(from: [.authorization: header]) == "abc")
    }

    @Test(
        "reads Basic with an empty password or none, and the line break of a shell's echo",
        arguments: ["abc:", "abc", "abc\n", "abc:\n", "abc\r\n"])
    func basic(_ pair: String) throws {
        #expect(try Credential.read(from: [.authorization: "Basic \(Data(pair.utf8).base64EncodedString())"]) == "abc")
    }

    @Test("refuses Basic with a password and without a user", arguments: ["abc:x", "abc::", ":", ":x", "\n", ":\n"])
    func badBasic(_ pair: String) {
        #expect(throws: EngineError.self) {
            try Credential.read(from: [.authorization: "Basic \(Data(pair.utf8).base64EncodedString())"])
        }
    }

    @Test("refuses all else", arguments: ["", "Bearer", "Bearer ", "Digest abc", "abc", "Basic !!!", "Basic"])
    func bad(_ header: String) {
        let error = #expect(throws: EngineError.self) { try Credential.read(from: [.authorization: header]) }
        #expect(error?.code == .unauthenticated)
    }

    @Test("refuses two headers, also equal ones")
    func two() {
        var headers = HTTPFields()
        headers.append(HTTPField(name: .authorization, value: "Bearer abc"))
        headers.append(HTTPField(name: .authorization, value: "Bearer abc"))
        #expect(throws: EngineError.self) { try Credential.read(from: headers) }
        #expect(throws: EngineError.self) { try Credential.read(from: [:]) }
    }

    @Test(
        "Sec-GPC counts once, twice and in a list",
        arguments: [["1"], ["1", "1"], ["1, 1"], ["0", "1"], ["0,1 "], [" 1 ,0"], ["1", "x"]])
    func optOut(_ values: [String]) {
        #expect(Self.optOutFields(values).hasGlobalPrivacyControl)
    }

    @Test("all else in Sec-GPC is no opt-out", arguments: [[], ["0"], [""], ["11"], ["true"], ["1;q=0"], ["0, 0"], [","]])
    func noOptOut(_ values: [String]) {
        #expect(!Self.optOutFields(values).hasGlobalPrivacyControl)
    }

    private static func optOutFields(_ values: [String]) -> HTTPFields {
        var fields: HTTPFields = [.accept: "1"]
        for value in values { fields.append(HTTPField(name: HTTPField.Name("Sec-GPC") ?? .accept, value: value)) }
        return fields
    }
}
