import AttuneCrypto
import Testing

@Suite struct SymmetricKeyTests {
    private let refused = CryptoError(.authenticationFailed, "open")

    // "The Galois/Counter Mode of Operation", appendix B, test case 16.
    @Test func sealsAsPublished() throws {
        let key = try SymmetricKey(bytes: [UInt8](hex: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let plaintext = [UInt8](
            hex: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
                """)
        let nonce = [UInt8](hex: "cafebabefacedbaddecaf888")
        let aad = [UInt8](hex: "feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let sealed = try key.unsafeSeal(plaintext, nonce: nonce, aad: aad)
        let expected = [UInt8](
            hex: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
                76fc6ece0f4e1768cddf8853bb2d551b
                """)
        #expect(sealed == nonce + expected)
        #expect(try key.open(sealed, aad: aad) == plaintext)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 500, 70_000])
    func opensWhatItSealed(byteCount: Int) throws {
        let key = SymmetricKey.random()
        let plaintext = SecureRandom.bytes(byteCount)
        let sealed = try key.seal(plaintext, aad: [7])
        #expect(sealed.count == byteCount + SymmetricKey.sealingOverheadByteCount)
        #expect(try key.open(sealed, aad: [7]) == plaintext)
        #expect(try sealed.withUnsafeBytes { try key.open($0, aad: [7]) } == plaintext)
        #expect(try key.open(([9] + sealed).span.bytes.extracting(1...), aad: [7]) == plaintext)
        #expect(try key.open(key.seal(plaintext.span.bytes, aad: []), aad: []) == plaintext)
    }

    @Test func everySingleBitCounts() throws {
        let key = SymmetricKey.random()
        let sealed = try key.seal(Array("twenty bytes of text".utf8), aad: Array("where".utf8))
        for bit in 0..<sealed.count * 8 {
            var flipped = sealed
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: refused) { try key.open(flipped, aad: Array("where".utf8)) }
        }
    }

    @Test func cutMovedAndForeignMessagesAreRefused() throws {
        let key = SymmetricKey.random()
        let sealed = try key.seal([1, 2, 3], aad: [1])
        for byteCount in 0..<sealed.count {
            #expect(throws: refused) { try key.open(Array(sealed.prefix(byteCount)), aad: [1]) }
        }
        #expect(throws: refused) { try key.open(sealed + [0], aad: [1]) }
        #expect(throws: refused) { try key.open(sealed, aad: [2]) }
        #expect(throws: refused) { try key.open(sealed, aad: []) }
        #expect(throws: refused) { try SymmetricKey.random().open(sealed, aad: [1]) }
    }

    @Test func noncesDoNotRepeat() throws {
        let key = SymmetricKey.random()
        let nonces = try (0..<10_000).map { _ in Array(try key.seal([], aad: []).prefix(SymmetricKey.nonceByteCount)) }
        #expect(Set(nonces).count == nonces.count)
    }

    @Test func wrapsAnotherKey() throws {
        let (outer, inner) = (SymmetricKey.random(), SymmetricKey.random())
        let wrapped = try outer.wrap(inner, aad: [1])
        let unwrapped = try outer.unwrap(wrapped, aad: [1])
        #expect(try inner.open(unwrapped.seal([42], aad: []), aad: []) == [42])
        let refused = CryptoError(.authenticationFailed, "unwrap a key")
        #expect(throws: refused) { try outer.unwrap(wrapped, aad: [2]) }
        #expect(throws: refused) { try inner.unwrap(wrapped, aad: [1]) }
        #expect(throws: refused) { try outer.unwrap(Array(wrapped.dropLast()), aad: [1]) }
        #expect(throws: refused) { try outer.unwrap(outer.seal([1, 2, 3], aad: [1]), aad: [1]) }
    }

    @Test func derivesByHKDFAndByPurpose() throws {
        let bytes = SecureRandom.bytes(SymmetricKey.byteCount)
        let derived = try SymmetricKey(bytes: bytes).derive(info: Array("purpose".utf8))
        let expected = try HKDFSHA256.derive(secret: bytes, info: Array("purpose".utf8), byteCount: SymmetricKey.byteCount)
        #expect(derived.withBytes { Array($0) } == expected)
        #expect(try SymmetricKey(bytes: bytes).derive(info: Array("another".utf8)).withBytes { Array($0) } != expected)
    }

    @Test(arguments: [0, 16, 31, 33])
    func otherLengthsAreNoKeys(byteCount: Int) {
        let error = CryptoError(.invalidKey, "make a symmetric key")
        let bytes = [UInt8](repeating: 1, count: byteCount)
        #expect(throws: error) { try SymmetricKey(bytes: bytes) }
        #expect(throws: error) { try bytes.withUnsafeBytes { try SymmetricKey(bytes: $0) } }
    }

    @Test func printsNothingOfTheKey() throws {
        let key = try SymmetricKey(bytes: [UInt8](repeating: 0x41, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "SymmetricKey(redacted)")
        #expect(String(reflecting: key) == "SymmetricKey(redacted)")
        #expect(!dumped.contains("0x") && !dumped.contains("65") && !dumped.contains("storage"))
    }

    @Test(.enabled(if: Vectors.arePresent, "the vectors are not there"))
    func agreesWithWycheproof() throws {
        struct Group: Decodable {
            struct Case: Decodable {
                let tcId: Int, key: String, iv: String, aad: String, msg: String, ct: String, tag: String, result: String
            }
            let keySize: Int, ivSize: Int, tests: [Case]
        }
        var count = 0
        for group in try Vectors.groups(Group.self, in: "aes_gcm_test.json") where group.keySize == 256 && group.ivSize == 96 {
            for test in group.tests {
                let key = try SymmetricKey(bytes: [UInt8](hex: test.key))
                let (plaintext, nonce, aad) = ([UInt8](hex: test.msg), [UInt8](hex: test.iv), [UInt8](hex: test.aad))
                let sealed = nonce + [UInt8](hex: test.ct) + [UInt8](hex: test.tag)
                let isValid = test.result == "valid"
                #expect((try? key.open(sealed, aad: aad)) == (isValid ? plaintext : nil), "vector \(test.tcId)")
                #expect(try (key.unsafeSeal(plaintext, nonce: nonce, aad: aad) == sealed) == isValid, "vector \(test.tcId)")
                count += 1
            }
        }
        #expect(count == 66)
    }
}
