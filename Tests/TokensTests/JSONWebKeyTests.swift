import AttuneCrypto
import Testing
import Tokens

@Suite struct JSONWebKeyTests {
    private let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    private func error(_ json: String) -> TokenError.Code? {
        do throws(TokenError) {
            _ = try JSONWebKey(json: Array(json.utf8))
            return nil
        } catch { return error.code }
    }

    // RFC 8037, A.1 to A.3.
    @Test func agreesWithRFC8037() throws {
        let secret = try #require(Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
        let key = JSONWebKey(try Ed25519.PrivateKey(rawRepresentation: secret).publicKey)
        #expect(key.keyID == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        #expect(key.json == #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","kid":"\#(key.keyID)","alg":"EdDSA","use":"sig"}"#)
    }

    // RFC 8037, A.4 and A.5.
    @Test func verifiesTheSignatureOfRFC8037() throws {
        let key = try JSONWebKey(json: Array(#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)"}"#.utf8))
        let text = """
            eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt\
            9g7sVvpAr_MuM0KAg
            """
        let jws = try CompactJWS(text)
        try jws.verify(with: key.material)
        #expect(jws.payload == Array("Example of Ed25519 signing".utf8))
        let changed = try CompactJWS(text.replacing("RXhh", with: "RXhi"))
        #expect(throws: TokenError(.badSignature, "verify a JWS")) { try changed.verify(with: key.material) }
    }

    @Test func readsBackBothKinds() throws {
        let edwards = JSONWebKey(try Ed25519.PrivateKey.generate().publicKey)
        #expect(try JSONWebKey(json: Array(edwards.json.utf8)) == edwards)
        let weierstrass = JSONWebKey(try P256.PrivateKey.generate().publicKey)
        #expect(try JSONWebKey(json: Array(weierstrass.json.utf8)) == weierstrass)
        #expect(JSONWebKeySet([edwards, weierstrass]).json == "{\"keys\":[\(edwards.json),\(weierstrass.json)]}")
        #expect(JSONWebKeySet([]).json == #"{"keys":[]}"#)
    }

    @Test func otherKeysAreRefused() {
        let base = #""kty":"OKP","crv":"Ed25519","x":"\#(x)""#
        #expect(error("{\(base)}") == nil)
        #expect(error(#"{\#(base),"key_ops":["verify"]}"#) == nil)
        for extra in [
            #""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#, #""use":"enc""#, #""alg":"ES256""#, #""alg":"HS256""#,
            #""key_ops":["sign"]"#, #""key_ops":["verify","sign"]"#, #""kid":7"#, #""y":"AA""#,
        ] {
            #expect(error("{\(base),\(extra)}") == .malformed, "\(extra)")
        }
        #expect(error("{\(base),\(base)}") == .duplicateMember)
        for other in [
            #"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#, #"{"kty":"EC","crv":"Ed25519","x":"\#(x)"}"#, #"{"kty":"OKP","crv":"Ed25519"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)="}"#, #"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, #"{"kty":"oct","k":"AAAA"}"#,
            #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)"}"#, "{}",
        ] {
            #expect(error(other) == .malformed, "\(other)")
        }
    }
}
