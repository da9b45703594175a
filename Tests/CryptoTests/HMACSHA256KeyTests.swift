import AttuneCrypto
import Testing

@Suite struct HMACSHA256KeyTests {
    // RFC 4231, test cases 2 and 6.
    @Test func agreesWithRFC4231() throws {
        let short = try HMACSHA256Key(bytes: Array("Jefe".utf8))
        #expect(
            short.authenticationCode(for: Array("what do ya want for nothing?".utf8))
                == [UInt8](hex: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
        let long = try HMACSHA256Key(bytes: [UInt8](repeating: 0xaa, count: 131))
        #expect(
            long.authenticationCode(for: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
                == [UInt8](hex: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
    }

    @Test func oneKeyServesManyMessagesAndThreads() async throws {
        let bytes = SecureRandom.bytes(32)
        let key = try HMACSHA256Key(bytes: bytes)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    try (0..<500).allSatisfy { round in
                        let message = Array("\(task)/\(round)".utf8)
                        return try key.authenticationCode(for: message)
                            == HMACSHA256Key.authenticationCode(for: message, key: bytes)
                    }
                }
            }
            for try await agrees in group { #expect(agrees) }
        }
    }

    @Test func aSymmetricKeyGivesTheCodesOfItsBytes() throws {
        let bytes = SecureRandom.bytes(32)
        let key = try HMACSHA256Key(SymmetricKey(bytes: bytes))
        #expect(try key.authenticationCode(for: [1, 2, 3]) == HMACSHA256Key.authenticationCode(for: [1, 2, 3], key: bytes))
    }

    @Test func isValidKnowsItsOwnCodesOnly() throws {
        let key = try HMACSHA256Key(bytes: [1])
        var code = key.authenticationCode(for: [])
        #expect(key.isValid(code, for: []))
        #expect(!key.isValid(code, for: [0]))
        #expect(!key.isValid(Array(code.dropLast()), for: []))
        code[31] ^= 1
        #expect(!key.isValid(code, for: []))
    }

    @Test func anEmptyKeyIsRefused() {
        #expect(throws: CryptoError(.invalidKey, "prepare an HMAC key")) { try HMACSHA256Key(bytes: []) }
    }

    @Test(.enabled(if: Vectors.arePresent, "the vectors are not there"))
    func agreesWithWycheproof() throws {
        struct Group: Decodable {
            struct Case: Decodable { let tcId: Int, key: String, msg: String, tag: String, result: String }
            let tagSize: Int, tests: [Case]
        }
        var count = 0
        for group in try Vectors.groups(Group.self, in: "hmac_sha256_test.json") {
            for test in group.tests {
                let code = try HMACSHA256Key.authenticationCode(for: [UInt8](hex: test.msg), key: [UInt8](hex: test.key))
                let isValid = Array(code.prefix(group.tagSize / 8)) == [UInt8](hex: test.tag)
                #expect(isValid == (test.result == "valid"), "vector \(test.tcId)")
                count += 1
            }
        }
        #expect(count == 174)
    }
}
