import AttuneCrypto
import Testing

@Suite struct P256Tests {
    // RFC 6979, A.2.5: the key, and the signature of "sample" with SHA-256.
    private let secret = [UInt8](hex: "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
    private let point = [UInt8](
        hex: """
            0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
            7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299
            """)
    private let signature = [UInt8](
        hex: """
            efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
            f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8
            """)

    @Test func agreesWithRFC6979() throws {
        let key = try P256.PrivateKey(rawRepresentation: secret)
        #expect(key.publicKey.x963Representation == point)
        try key.publicKey.verify(p1363: signature, for: Array("sample".utf8))
        #expect(throws: CryptoError.self) { try key.publicKey.verify(p1363: signature, for: Array("test".utf8)) }
        #expect(try key.withRawRepresentation { secret throws(CryptoError) in secret.withUnsafeBytes { Array($0) } } == secret)
    }

    @Test func verifiesWhatItSignsInBothForms() throws {
        let key = try P256.PrivateKey.generate()
        // Often enough for numbers with leading zeros to occur.
        for round in 0..<600 {
            let message = Array("message \(round)".utf8)
            let fixed = try key.p1363Signature(for: message)
            #expect(fixed.count == 64)
            try key.publicKey.verify(p1363: fixed, for: message)
            let encoded = try key.derSignature(for: message)
            try key.publicKey.verify(der: encoded, for: message)
            #expect(throws: CryptoError.self) { try key.publicKey.verify(der: fixed, for: message) }
            #expect(throws: CryptoError.self) { try key.publicKey.verify(p1363: encoded, for: message) }
        }
    }

    @Test func everyChangeIsNoticed() throws {
        let key = try P256.PublicKey(x963Representation: point)
        for position in signature.indices {
            var changed = signature
            changed[position] ^= 0x10
            #expect(throws: CryptoError(.invalidSignature, "verify a signature")) {
                try key.verify(p1363: changed, for: Array("sample".utf8))
            }
        }
    }

    @Test func publicKeysReadBackFromDER() throws {
        let key = try P256.PrivateKey.generate().publicKey
        #expect(try P256.PublicKey(derRepresentation: key.derRepresentation) == key)
        #expect(throws: CryptoError.self) { try P256.PublicKey(derRepresentation: key.derRepresentation + [0]) }
        #expect(throws: CryptoError.self) { try P256.PublicKey(derRepresentation: Array(key.derRepresentation.dropLast())) }
        #expect(throws: CryptoError.self) { try P256.PublicKey(derRepresentation: []) }
    }

    @Test func pointsOffTheCurveAreNoKeys() {
        var off = point
        off[64] ^= 1
        #expect(throws: CryptoError(.invalidKey, "read a public key")) { try P256.PublicKey(x963Representation: off) }
        // The hybrid form of X9.62 says the same twice; 7 goes with an odd y, as this one is.
        let hybrid = [7] + point.dropFirst()
        #expect(throws: CryptoError(.invalidKey, "read a public key")) { try P256.PublicKey(x963Representation: hybrid) }
        let compressed = [3] + point[1..<33]
        #expect(throws: CryptoError(.invalidKey, "read a public key")) { try P256.PublicKey(x963Representation: compressed) }
        #expect(throws: CryptoError(.invalidKey, "read a public key")) { try P256.PublicKey(x963Representation: [0]) }
    }

    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "01",
    ])
    func scalarsOutOfRangeAreNoKeys(scalar: String) {
        #expect(throws: CryptoError.self) { try P256.PrivateKey(rawRepresentation: [UInt8](hex: scalar)) }
    }

    struct Group: Decodable {
        struct Key: Decodable { let uncompressed: String }
        struct Case: Decodable { let tcId: Int, msg: String, sig: String, result: String }
        let publicKey: Key, publicKeyDer: String, tests: [Case]
    }

    @Test(
        .enabled(if: Vectors.arePresent, "the vectors are not there"),
        arguments: [("ecdsa_secp256r1_sha256_test.json", 484, true), ("ecdsa_secp256r1_sha256_p1363_test.json", 262, false)])
    func agreesWithWycheproof(file: String, vectorCount: Int, isDER: Bool) throws {
        var count = 0
        for group in try Vectors.groups(Group.self, in: file) {
            let key = try P256.PublicKey(x963Representation: [UInt8](hex: group.publicKey.uncompressed))
            #expect(try P256.PublicKey(derRepresentation: [UInt8](hex: group.publicKeyDer)) == key)
            for test in group.tests {
                let (signature, message) = ([UInt8](hex: test.sig), [UInt8](hex: test.msg))
                let isValid =
                    (try? isDER ? key.verify(der: signature, for: message) : key.verify(p1363: signature, for: message)) != nil
                #expect(isValid == (test.result == "valid"), "vector \(test.tcId)")
                count += 1
            }
        }
        #expect(count == vectorCount)
    }
}
