import AttuneCrypto
import COpenSSL
import Testing

/// A failure must leave nothing in the thread's queue for a later, unrelated call to find.
@Suite struct OpenSSLErrorQueueTests {
    @Test func failuresAreDrained() throws {
        let key = SymmetricKey.random()
        var sealed = try key.seal([1, 2, 3], aad: [])
        sealed[20] ^= 1
        let privateKey = try P256.PrivateKey.generate()
        let edwardsKey = try Ed25519.PrivateKey.generate()
        var offCurve = privateKey.publicKey.x963Representation
        offCurve[64] ^= 1
        let failures: [() throws -> Void] = [
            { _ = try key.open(sealed, aad: []) },
            { _ = try key.unwrap(sealed, aad: []) },
            { _ = try P256.PublicKey(x963Representation: offCurve) },
            { _ = try P256.PrivateKey(rawRepresentation: [UInt8](repeating: 0xff, count: 32)) },
            { try privateKey.publicKey.verify(der: [0x30, 0x80, 1], for: []) },
            { try privateKey.publicKey.verify(p1363: [UInt8](repeating: 0, count: 64), for: []) },
            { try edwardsKey.publicKey.verify([UInt8](repeating: 0xff, count: 64), for: []) },
            { _ = try HKDFSHA256.derive(secret: [], info: [], byteCount: 1) },
        ]
        for (number, failure) in failures.enumerated() {
            #expect(throws: CryptoError.self) { try failure() }
            #expect(ERR_peek_error() == 0, "failure \(number)")
        }
    }

    @Test func successesLeaveNothingBehind() throws {
        let key = try P256.PrivateKey(rawRepresentation: [UInt8](repeating: 1, count: 32))
        try key.publicKey.verify(p1363: key.p1363Signature(for: [1]), for: [1])
        let edwardsKey = try Ed25519.PrivateKey.generate()
        try edwardsKey.publicKey.verify(edwardsKey.signature(for: [1]), for: [1])
        _ = try SymmetricKey.random().seal([1], aad: [])
        #expect(ERR_peek_error() == 0)
    }
}
