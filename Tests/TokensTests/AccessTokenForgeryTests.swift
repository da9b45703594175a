import AttuneCrypto
import Testing
import Tokens

/// Tokens that must be refused, most of them with a good signature of the right key.
@Suite struct AccessTokenForgeryTests {
    private let forge: Forge

    init() throws { forge = try Forge() }

    private func header(_ extra: String) -> String { forge.header.dropLast() + "," + extra + "}" }

    @Test(arguments: [
        #""crit":["b64"],"b64":false"#, #""crit":[]"#, #""crit":null"#, #""b64":true"#, #""b64":false"#, #""zip":"DEF""#,
        #""jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, #""jku":"https://evil.example/keys""#, #""x5u":"https://evil.example/cert""#,
        #""x5c":["MIIB"]"#, #""x5t":"AAAA""#, #""cty":"JWT""#, #""ALG":"none""#, #""\u006bid ":"x""#,
    ])
    func otherHeaderMembersAreRefused(member: String) throws {
        #expect(try forge.refusal(forge.token(header: header(member))) == .refusedHeader)
    }

    @Test(arguments: [#""alg":"none""#, #""kid":"other""#, #""typ":"at+jwt""#, #""\u0061lg":"none""#, #""x":{"a":1,"a":2}"#])
    func duplicatesInTheHeaderAreRefused(member: String) throws {
        #expect(try forge.refusal(forge.token(header: header(member))) == .duplicateMember)
    }

    @Test(arguments: [
        #""sub":"user-2""#, #""\u0073ub":"user-2""#, #""exp":9999999999"#, #""x":{"a":{"b":1,"b":1}}"#, #""x":[{"a":1},{"b":1,"b":2}]"#,
    ])
    func duplicatesInTheClaimsAreRefused(member: String) throws {
        let claims = Forge.claimsJSON().dropLast() + "," + member + "}"
        #expect(try forge.refusal(forge.token(claims: String(claims))) == .duplicateMember)
    }

    @Test(arguments: ["none", "None", "NONE", "", "HS256", "ES256", "RS256", "eddsa", "Ed25519"])
    func otherAlgorithmsAreRefused(algorithm: String) throws {
        let header = #"{"alg":"\#(algorithm)","kid":"\#(forge.keyID)","typ":"at+jwt"}"#
        #expect(try forge.refusal(forge.token(header: header)) == .wrongAlgorithm)
    }

    /// The classic confusions, each with a signature that is right under the algorithm that the header names.
    @Test func algorithmConfusionIsRefused() throws {
        func input(_ algorithm: String) -> String {
            Base64URL.encode(Array(#"{"alg":"\#(algorithm)","kid":"\#(forge.keyID)","typ":"at+jwt"}"#.utf8)) + "."
                + Base64URL.encode(Array(Forge.claimsJSON().utf8))
        }
        let publicKey = forge.key.publicKey
        for secret in [publicKey.rawRepresentation, Array(JSONWebKey(publicKey).json.utf8)] {
            let code = try HMACSHA256Key.authenticationCode(for: Array(input("HS256").utf8), key: secret)
            #expect(forge.refusal(input("HS256") + "." + Base64URL.encode(code)) == .wrongAlgorithm)
        }
        let signature = try P256.PrivateKey.generate().p1363Signature(for: Array(input("ES256").utf8))
        #expect(forge.refusal(input("ES256") + "." + Base64URL.encode(signature)) == .wrongAlgorithm)
        #expect(forge.refusal(input("none") + ".") == .malformed)
        #expect(forge.refusal(input("none") + ".AA") == .wrongAlgorithm)
        #expect(forge.refusal(input("EdDSA") + ".") == .malformed)
    }

    @Test(
        arguments: [
            (#","typ":"JWT""#, .wrongType), (#","typ":"AT+JWT""#, .wrongType), ("", .wrongType), (#","typ":null"#, .malformed),
            (#","typ":["at+jwt"]"#, .malformed), (#","typ":"application/at+jwt""#, .wrongType),
        ] as [(String, TokenError.Code)])
    func otherTypesAreRefused(type: String, code: TokenError.Code) throws {
        #expect(try forge.refusal(forge.token(header: #"{"alg":"EdDSA","kid":"\#(forge.keyID)"\#(type)}"#)) == code)
    }

    @Test func keysAreLookedUpByTheirWholeName() throws {
        let cases: [(kid: String, code: TokenError.Code)] = [
            (#","kid":"unknown""#, .unknownKey), (#","kid":"""#, .unknownKey), ("", .unknownKey), (#","kid":7"#, .malformed),
            (#","kid":"\#(forge.keyID) ""#, .unknownKey), (#","kid":"\#(forge.keyID.dropLast())""#, .unknownKey),
        ]
        for (kid, code) in cases {
            #expect(try forge.refusal(forge.token(header: #"{"alg":"EdDSA"\#(kid),"typ":"at+jwt"}"#)) == code)
        }
    }

    @Test func anotherKeysNameDoesNotHelp() throws {
        let other = try Forge()
        #expect(try forge.refusal(other.token()) == .unknownKey)
        #expect(try forge.refusal(other.token(header: forge.header)) == .badSignature)
    }

    @Test(arguments: Forge.members.map(\.name))
    func everyClaimIsNeededAndOfItsType(name: String) throws {
        let isTime = ["iat", "nbf", "exp"].contains(name)
        let wrongTimes = [#""1""#, "1.5", "1e9", "-1", "99999999999999999999", "253402300800"]
        let wrong = ["null", "true", "{}", "[[]]", nil] + (isTime ? wrongTimes : ["1"])
        for value in wrong {
            #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON(name, value))) == .malformed, "\(value ?? "absent")")
        }
        if !isTime && name != "scope" {
            #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON(name, #""""#))) == .malformed)
        }
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{", "\u{feff}" + Forge.claimsJSON(), Forge.claimsJSON() + "x", Forge.claimsJSON() + "/**/",
        "[" + Forge.claimsJSON() + "]", Forge.claimsJSON().dropLast() + ",}", String(Forge.claimsJSON().dropLast()),
    ])
    func documentsThatAreNotStrictJSONAreRefused(document: String) throws {
        #expect(try forge.refusal(forge.token(claims: document)) == .malformed)
        #expect(try forge.refusal(forge.token(header: document)) != nil)
    }

    @Test(arguments: [
        "", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "tru", "nulll", "'a'", "[1,]", "[1 2]", "[,]", #"{"a" 1}"#, "{a:1}",
        #"{"a":1,}"#, #""\x""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\ue000""#, #""\ud83dx""#, #""\u12g4""#, #""\u12"#,
        "\"\n\"", "\"\u{0}\"", "\"", "[[[[[[[[1]]]]]]]]", #"{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}"#,
    ])
    func valuesThatAreNotStrictJSONAreRefused(value: String) throws {
        let claims = Forge.claimsJSON().dropLast() + ",\"x\":" + value + "}"
        #expect(try forge.refusal(forge.token(claims: String(claims))) == .malformed)
    }

    @Test func malformedUTF8IsRefused() throws {
        for bytes: [UInt8] in [[0x41], [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
            let claims = Array(Forge.claimsJSON().dropLast().utf8) + Array(#","x":""#.utf8) + bytes + Array(#""}"#.utf8)
            let input = Base64URL.encode(Array(forge.header.utf8)) + "." + Base64URL.encode(claims)
            let signature = try forge.key.signature(for: Array(input.utf8))
            #expect(forge.refusal(input + "." + Base64URL.encode(signature)) == (bytes == [0x41] ? nil : .malformed))
        }
    }

    @Test(arguments: [(64, nil), (65, .malformed)] as [(Int, TokenError.Code?)])
    func membersAndElementsAreCounted(count: Int, code: TokenError.Code?) throws {
        let extra = (Forge.members.count..<count).map { ",\"m\($0)\":0" }.joined()
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON().dropLast() + extra + "}")) == code)
        let elements = [String](repeating: "0", count: count).joined(separator: ",")
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON().dropLast() + ",\"x\":[\(elements)]}")) == code)
    }

    @Test func everyTruncationIsRefused() throws {
        let token = try forge.token()
        for length in 0..<token.count {
            #expect(forge.refusal(String(token.prefix(length))) != nil, "the first \(length)")
        }
    }

    @Test func everyChangedCharacterIsRefused() throws {
        let token = Array(try forge.token().utf8)
        for position in token.indices {
            for replacement in [UInt8(ascii: "A"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "="), UInt8(ascii: " "), 0]
            where replacement != token[position] {
                var changed = token
                changed[position] = replacement
                #expect(forge.refusal(String(decoding: changed, as: UTF8.self)) != nil, "position \(position)")
            }
        }
    }

    @Test func onlyTheOneWayOfWritingATokenIsAccepted() throws {
        let token = try forge.token()
        let parts = token.split(separator: ".").map(String.init)
        let others = [
            token + ".", "." + token, token + "=", token + "\n", " " + token, parts[0] + "." + parts[1], parts.joined(separator: ".."),
            token + "." + parts[2], parts[0] + "=." + parts[1] + "." + parts[2], "", ".", "..", "...",
        ]
        for other in others { #expect(forge.refusal(other) == .malformed) }
    }

    /// 64 bytes leave four unused bits in the last of 86 characters; setting them must not give a second form.
    @Test func unusedBitsMustBeZero() throws {
        let token = try forge.token()
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(token.last.flatMap(digits.firstIndex(of:)))
        #expect(last.isMultiple(of: 16))
        for unused in 1..<16 {
            #expect(forge.refusal(token.dropLast() + String(digits[last + unused])) == .malformed)
        }
    }

    @Test func tooLongIsRefused() throws {
        let padding = String(repeating: "x", count: CompactJWS.byteCountMax)
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("sub", "\"\(padding)\""))) == .malformed)
    }

    @Test func claimsAreNotLookedAtBeforeTheSignature() throws {
        let other = try Forge()
        #expect(try forge.refusal(other.token(header: forge.header, claims: "not JSON")) == .badSignature)
    }
}
