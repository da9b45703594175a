import COpenSSL

/// ECDSA over P-256 with SHA-256 (FIPS 186-4). Signatures come in two forms: DER, as in X.509, and P1363 (r ‖ s), as in JOSE.
package enum P256 {
    package static let scalarByteCount = 32
    /// 0x04 ‖ x ‖ y.
    package static let pointByteCount = 65

    package struct PublicKey: Sendable, Equatable {
        /// The uncompressed point of ANSI X9.63.
        package let x963Representation: [UInt8]
        private let key: EVPKey

        /// Refuses points that are compressed or not on the curve.
        package init(x963Representation point: [UInt8]) throws(CryptoError) {
            guard point.count == pointByteCount, point[0] == 4 else { throw CryptoError(.invalidKey, "read a public key") }
            let encoded = subjectPublicKeyInfoPrefix + point
            let pointer = encoded.withUnsafeBufferPointer { encoded in
                var position = encoded.baseAddress
                return d2i_PUBKEY(nil, &position, encoded.count)
            }
            key = try EVPKey(pointer, orFailWith: .invalidKey, "read a public key")
            x963Representation = point
        }

        /// - Parameter derRepresentation: a SubjectPublicKeyInfo (RFC 5480) with the curve's name and an uncompressed point, which
        ///   has one form only.
        package init(derRepresentation encoded: [UInt8]) throws(CryptoError) {
            guard encoded.starts(with: subjectPublicKeyInfoPrefix) else { throw CryptoError(.invalidKey, "read a public key") }
            try self.init(x963Representation: Array(encoded.dropFirst(subjectPublicKeyInfoPrefix.count)))
        }

        package var derRepresentation: [UInt8] { subjectPublicKeyInfoPrefix + x963Representation }

        /// - Throws: `invalidSignature`, also for every encoding of a right signature but the one that DER allows.
        package func verify(der signature: [UInt8], for message: [UInt8]) throws(CryptoError) {
            try key.verify(signature, for: message, digest: OpenSSL.sha256)
        }

        package func verify(p1363 signature: [UInt8], for message: [UInt8]) throws(CryptoError) {
            try key.verify(Signature.der(fromP1363: signature), for: message, digest: OpenSSL.sha256)
        }

        package static func == (left: PublicKey, right: PublicKey) -> Bool {
            left.x963Representation == right.x963Representation
        }
    }

    /// OpenSSL wipes the secret when the last copy goes.
    package struct PrivateKey: Sendable {
        package let publicKey: PublicKey
        let key: EVPKey

        /// - Parameter rawRepresentation: the scalar, big-endian, 1 to n - 1.
        package init(rawRepresentation: [UInt8]) throws(CryptoError) {
            guard rawRepresentation.count == scalarByteCount else { throw CryptoError(.invalidKey, "read a private key") }
            var encoded = ecPrivateKeyPrefix + rawRepresentation + ecPrivateKeySuffix
            defer { OPENSSL_cleanse(&encoded, encoded.count) }
            let pointer = encoded.withUnsafeBufferPointer { encoded in
                var position = encoded.baseAddress
                return d2i_PrivateKey(EVP_PKEY_EC, nil, &position, encoded.count)
            }
            let key = try EVPKey(pointer, orFailWith: .invalidKey, "read a private key")
            try key.requireConsistency()
            try self.init(key)
        }

        private init(_ key: EVPKey) throws(CryptoError) {
            var point = [UInt8](repeating: 0, count: pointByteCount)
            var byteCount = 0
            guard EVP_PKEY_get_octet_string_param(key.pointer, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, &byteCount) == 1,
                byteCount == pointByteCount
            else { throw OpenSSL.failure(.library, "read a private key") }
            publicKey = try PublicKey(x963Representation: point)
            self.key = key
        }

        package static func generate() throws(CryptoError) -> PrivateKey {
            try PrivateKey(EVPKey(attune_generate_p256(), orFailWith: .library, "generate a key"))
        }

        package func derSignature(for message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try key.signature(for: message, digest: OpenSSL.sha256, byteCountMax: Signature.derByteCountMax)
        }

        package func p1363Signature(for message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try Signature.p1363(fromDER: derSignature(for: message))
        }

        /// Lends out the secret scalar, to be sealed; it is wiped after the closure.
        package func withRawRepresentation<Result>(
            _ body: (RawSpan) throws(CryptoError) -> Result
        ) throws(CryptoError) -> Result {
            var scalar: OpaquePointer?
            defer { BN_clear_free(scalar) }
            var secret = [UInt8](repeating: 0, count: scalarByteCount)
            defer { OPENSSL_cleanse(&secret, scalarByteCount) }
            guard EVP_PKEY_get_bn_param(key.pointer, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1,
                BN_bn2binpad(scalar, &secret, Int32(scalarByteCount)) == Int32(scalarByteCount)
            else { throw OpenSSL.failure(.library, "export a private key") }
            return try body(secret.span.bytes)
        }
    }

    /// SubjectPublicKeyInfo { id-ecPublicKey, prime256v1 } up to the point (RFC 5480).
    private static let subjectPublicKeyInfoPrefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
    /// ECPrivateKey { version 1 } up to the scalar, and { prime256v1 } after it (RFC 5915); OpenSSL computes the missing public key.
    private static let ecPrivateKeyPrefix: [UInt8] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]
    private static let ecPrivateKeySuffix: [UInt8] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
}

extension P256.PrivateKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "P256.PrivateKey(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension EVPKey {
    /// Checks a private key's range and its parts against each other, which reading it does not.
    fileprivate func requireConsistency() throws(CryptoError) {
        let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard context != nil, EVP_PKEY_check(context) == 1 else { throw OpenSSL.failure(.invalidKey, "check a key") }
    }
}
