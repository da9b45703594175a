import AttuneCrypto
import Testing

@Suite struct HKDFSHA256Tests {
    // RFC 5869, A.1 and A.3.
    @Test func agreesWithRFC5869() throws {
        let secret = [UInt8](repeating: 0x0b, count: 22)
        let salted = try HKDFSHA256.derive(
            secret: secret, salt: [UInt8](hex: "000102030405060708090a0b0c"), info: [UInt8](hex: "f0f1f2f3f4f5f6f7f8f9"), byteCount: 42)
        #expect(
            salted == [UInt8](hex: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
        let bare = try HKDFSHA256.derive(secret: secret, info: [], byteCount: 42)
        #expect(bare == [UInt8](hex: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
    }

    @Test(arguments: [0, -1, HKDFSHA256.byteCountMax + 1])
    func impossibleLengthsAreRefused(byteCount: Int) {
        #expect(throws: CryptoError(.invalidInput, "derive a key")) {
            try HKDFSHA256.derive(secret: [1], info: [], byteCount: byteCount)
        }
    }

    @Test func anEmptySecretIsRefused() {
        #expect(throws: CryptoError(.invalidInput, "derive a key")) { try HKDFSHA256.derive(secret: [], info: [], byteCount: 32) }
    }

    @Test(.enabled(if: Vectors.arePresent, "the vectors are not there"))
    func agreesWithWycheproof() throws {
        struct Group: Decodable {
            struct Case: Decodable { let tcId: Int, ikm: String, salt: String, info: String, size: Int, okm: String, result: String }
            let tests: [Case]
        }
        var count = 0
        for test in try Vectors.groups(Group.self, in: "hkdf_sha256_test.json").flatMap(\.tests) {
            let derived = try? HKDFSHA256.derive(
                secret: [UInt8](hex: test.ikm), salt: [UInt8](hex: test.salt), info: [UInt8](hex: test.info), byteCount: test.size)
            #expect(derived == (test.result == "valid" ? [UInt8](hex: test.okm) : nil), "vector \(test.tcId)")
            count += 1
        }
        #expect(count == 86)
    }
}
