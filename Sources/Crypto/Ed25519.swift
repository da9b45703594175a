import COpenSSL

/// Ed25519 signatures (RFC 8032).
package enum Ed25519 {
    package static let keyByteCount = 32
    package static let signatureByteCount = 64

    package struct PublicKey: Sendable, Equatable {
        package let rawRepresentation: [UInt8]
        private let key: EVPKey

        package init(rawRepresentation: [UInt8]) throws(CryptoError) {
            guard rawRepresentation.count == keyByteCount else { throw CryptoError(.invalidKey, "read a public key") }
            let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, rawRepresentation, rawRepresentation.count)
            key = try EVPKey(pointer, orFailWith: .invalidKey, "read a public key")
            self.rawRepresentation = rawRepresentation
        }

        /// - Throws: `invalidSignature` unless `signature` is this key's for exactly `message`.
        package func verify(_ signature: [UInt8], for message: [UInt8]) throws(CryptoError) {
            guard signature.count == signatureByteCount else { throw CryptoError(.invalidSignature, "verify a signature") }
            try key.verify(signature, for: message, digest: nil)
        }

        package static func == (left: PublicKey, right: PublicKey) -> Bool {
            left.rawRepresentation == right.rawRepresentation
        }
    }

    /// OpenSSL wipes the secret when the last copy goes.
    package struct PrivateKey: Sendable {
        package let publicKey: PublicKey
        private let key: EVPKey

        /// - Parameter rawRepresentation: the seed of RFC 8032.
        package init(rawRepresentation: [UInt8]) throws(CryptoError) {
            guard rawRepresentation.count == keyByteCount else { throw CryptoError(.invalidKey, "read a private key") }
            let pointer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, rawRepresentation, rawRepresentation.count)
            try self.init(EVPKey(pointer, orFailWith: .invalidKey, "read a private key"))
        }

        private init(_ key: EVPKey) throws(CryptoError) {
            var publicBytes = [UInt8](repeating: 0, count: keyByteCount)
            var byteCount = keyByteCount
            guard EVP_PKEY_get_raw_public_key(key.pointer, &publicBytes, &byteCount) == 1 else {
                throw OpenSSL.failure(.library, "read a private key")
            }
            publicKey = try PublicKey(rawRepresentation: publicBytes)
            self.key = key
        }

        package static func generate() throws(CryptoError) -> PrivateKey {
            try PrivateKey(EVPKey(attune_generate_ed25519(), orFailWith: .library, "generate a key"))
        }

        package func signature(for message: [UInt8]) throws(CryptoError) -> [UInt8] {
            try key.signature(for: message, digest: nil, byteCountMax: signatureByteCount)
        }

        /// Lends out the secret seed, to be sealed; it is wiped after the closure.
        package func withRawRepresentation<Result>(
            _ body: (RawSpan) throws(CryptoError) -> Result
        ) throws(CryptoError) -> Result {
            var secret = [UInt8](repeating: 0, count: keyByteCount)
            defer { OPENSSL_cleanse(&secret, keyByteCount) }
            var byteCount = keyByteCount
            guard EVP_PKEY_get_raw_private_key(key.pointer, &secret, &byteCount) == 1 else {
                throw OpenSSL.failure(.library, "export a private key")
            }
            return try body(secret.span.bytes)
        }
    }
}

extension Ed25519.PrivateKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "Ed25519.PrivateKey(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
