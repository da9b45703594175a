import AttuneCrypto
import Testing
import Tokens

@Suite struct FlattenedJWSTests {
    private let key: Ed25519.PrivateKey
    private let payload = Array(#"{"action":"erasure"}"#.utf8)

    init() throws { key = try Ed25519.PrivateKey.generate() }

    private func verify(_ document: FlattenedJWS) throws -> [UInt8] {
        try document.verify { $0 == JSONWebKey(key.publicKey).keyID ? key.publicKey : nil }
    }

    @Test func givesBackTheSignedBytes() throws {
        let document = try FlattenedJWS.sign(payload, with: key)
        #expect(try verify(document) == payload)
        let header = #"{"alg":"EdDSA","kid":"\#(JSONWebKey(key.publicKey).keyID)"}"#
        #expect(Base64URL.decode(document.protected) == Array(header.utf8))
    }

    @Test func everyPartIsProtected() throws {
        let document = try FlattenedJWS.sign(payload, with: key)
        let other = try FlattenedJWS.sign([1, 2, 3], with: key)
        let bad = TokenError(.badSignature, "verify a document")
        #expect(throws: bad) { try verify(.init(payload: other.payload, protected: document.protected, signature: document.signature)) }
        #expect(throws: bad) { try verify(.init(payload: document.payload, protected: document.protected, signature: other.signature)) }
        let unknown = TokenError(.unknownKey, "verify a document")
        #expect(throws: unknown) { try document.verify { _ in nil } }
        #expect(throws: bad) { try document.verify { _ in try? Ed25519.PrivateKey.generate().publicKey } }
        for header in [#"{"alg":"none","kid":"k"}"#, #"{"alg":"EdDSA","kid":"k","crit":["b64"],"b64":false}"#, #"{"alg":"EdDSA"}"#] {
            let changed = FlattenedJWS(
                payload: document.payload, protected: Base64URL.encode(Array(header.utf8)), signature: document.signature)
            #expect(throws: TokenError.self) { try changed.verify { _ in key.publicKey } }
        }
    }

    @Test func aDocumentIsNoAccessTokenAndNoTokenADocument() throws {
        let forge = try Forge()
        let document = try FlattenedJWS.sign(Array(Forge.claimsJSON().utf8), with: forge.key)
        #expect(forge.refusal("\(document.protected).\(document.payload).\(document.signature)") == .wrongType)
        let parts = try forge.token().split(separator: ".").map(String.init)
        let token = FlattenedJWS(payload: parts[1], protected: parts[0], signature: parts[2])
        #expect(throws: TokenError(.wrongType, "verify a document")) { try token.verify { _ in forge.key.publicKey } }
    }
}
