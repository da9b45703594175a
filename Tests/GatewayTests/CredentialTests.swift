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

    @Test("reads Basic with an empty password")
    func basic() throws {
        #expect(try Credential.read(from: [.authorization: "Basic \(Data("abc:".utf8).base64EncodedString())"]) == "abc")
    }

    @Test("refuses Basic with a password, without a user and without a colon", arguments: ["abc:x", "abc::", ":", "abc", ":x"])
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
}
