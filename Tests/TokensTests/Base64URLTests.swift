import AttuneCrypto
import Testing
import Tokens

@Suite struct Base64URLTests {
    // RFC 4648, section 10, without padding; and the two characters in which base64url differs.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
        ("~~~???", "fn5-Pz8_"),
    ])
    func agreesWithRFC4648(text: String, encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Zg==", "Zg=", "Z", "A", "AAAAA", "Zm9vY", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v\n", " Zm9v", "Zm9vé", "Zm\u{0}v"])
    func anyOtherFormIsRefused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func everyLengthSurvives() {
        for count in 0..<200 {
            let bytes = SecureRandom.bytes(count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
