import AttuneCrypto
import Testing

@Suite struct Ed25519Tests {
    // RFC 8032, 7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            """
            e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b
            d25bf5f0595bbe24655141438e7a100b
            """
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            """
            92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c
            387b2eaeb4302aeeb00d291612bb0c00
            """
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            """
            6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659
            4a7c15e9716ed28dc027beceea1ec40a
            """
        ),
    ])
    func agreesWithRFC8032(secret: String, public publicKey: String, message: String, signature: String) throws {
        let key = try Ed25519.PrivateKey(rawRepresentation: [UInt8](hex: secret))
        #expect(key.publicKey.rawRepresentation == [UInt8](hex: publicKey))
        #expect(try key.signature(for: [UInt8](hex: message)) == [UInt8](hex: signature))
        try key.publicKey.verify([UInt8](hex: signature), for: [UInt8](hex: message))
        let exported = try key.withRawRepresentation { secret throws(CryptoError) in secret.withUnsafeBytes { Array($0) } }
        #expect(exported == [UInt8](hex: secret))
    }

    @Test func everyChangeIsNoticed() throws {
        let key = try Ed25519.PrivateKey.generate()
        let message = Array("message".utf8)
        let signature = try key.signature(for: message)
        let refused = CryptoError(.invalidSignature, "verify a signature")
        for position in signature.indices {
            var changed = signature
            changed[position] ^= 0x10
            #expect(throws: refused) { try key.publicKey.verify(changed, for: message) }
        }
        #expect(throws: refused) { try key.publicKey.verify(signature, for: message + [0]) }
        #expect(throws: refused) { try key.publicKey.verify(Array(signature.dropLast()), for: message) }
        #expect(throws: refused) { try key.publicKey.verify([], for: message) }
        #expect(throws: refused) { try Ed25519.PrivateKey.generate().publicKey.verify(signature, for: message) }
    }

    @Test(arguments: [0, 31, 33]) func otherLengthsAreNoKeys(byteCount: Int) {
        let bytes = [UInt8](repeating: 1, count: byteCount)
        #expect(throws: CryptoError(.invalidKey, "read a public key")) { try Ed25519.PublicKey(rawRepresentation: bytes) }
        #expect(throws: CryptoError(.invalidKey, "read a private key")) { try Ed25519.PrivateKey(rawRepresentation: bytes) }
    }

    @Test(.enabled(if: Vectors.arePresent, "the vectors are not there"))
    func agreesWithWycheproof() throws {
        struct Group: Decodable {
            struct Key: Decodable { let pk: String }
            struct Case: Decodable { let tcId: Int, msg: String, sig: String, result: String }
            let publicKey: Key, tests: [Case]
        }
        var count = 0
        for group in try Vectors.groups(Group.self, in: "ed25519_test.json") {
            let key = try Ed25519.PublicKey(rawRepresentation: [UInt8](hex: group.publicKey.pk))
            for test in group.tests {
                let isValid = (try? key.verify([UInt8](hex: test.sig), for: [UInt8](hex: test.msg))) != nil
                #expect(isValid == (test.result == "valid"), "vector \(test.tcId)")
                count += 1
            }
        }
        #expect(count == 151)
    }
}
