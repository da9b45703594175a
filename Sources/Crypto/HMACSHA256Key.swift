import COpenSSL

/// A key for HMAC-SHA-256 (RFC 2104), prepared once; each code then costs a copy of the prepared state (0.4 µs).
package final class HMACSHA256Key: Sendable {
    package static let byteCount = 32

    // Only `init` changes the context, before anyone else has it. After that it is a source of `EVP_MAC_CTX_dup`, which reads
    // it and counts references by atomic operations. OpenSSL wipes the key when the context is freed.
    nonisolated(unsafe) private let prepared: OpaquePointer

    package convenience init(bytes: [UInt8]) throws(CryptoError) {
        try self.init(prepared: Self.prepare(bytes.span.bytes))
    }

    package convenience init(_ key: SymmetricKey) throws(CryptoError) {
        let prepared = try key.withBytes { key throws(CryptoError) in try Self.prepare(key.bytes) }
        self.init(prepared: prepared)
    }

    private init(prepared: OpaquePointer) {
        self.prepared = prepared
    }

    private static func prepare(_ key: RawSpan) throws(CryptoError) -> OpaquePointer {
        guard key.byteCount > 0 else { throw CryptoError(.invalidKey, "prepare an HMAC key") }
        guard let context = EVP_MAC_CTX_new(OpenSSL.hmac) else { throw OpenSSL.failure(.library, "prepare an HMAC key") }
        let isPrepared = key.withUnsafeBytes { key in
            attune_hmac_sha256_init(context, key.bindMemory(to: UInt8.self).baseAddress, key.count) == 1
        }
        guard isPrepared else {
            EVP_MAC_CTX_free(context)
            throw OpenSSL.failure(.library, "prepare an HMAC key")
        }
        return context
    }

    deinit {
        EVP_MAC_CTX_free(prepared)
    }

    package func authenticationCode(for message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { authenticationCode(for: $0) }
    }

    package func authenticationCode(for message: UnsafeRawBufferPointer) -> [UInt8] {
        let context = EVP_MAC_CTX_dup(prepared)
        defer { EVP_MAC_CTX_free(context) }
        return [UInt8](unsafeUninitializedCapacity: Self.byteCount) { output, initializedCount in
            let succeeded =
                context != nil
                && EVP_MAC_update(context, message.bindMemory(to: UInt8.self).baseAddress, message.count) == 1
                && EVP_MAC_final(context, output.baseAddress, &initializedCount, Self.byteCount) == 1
            OpenSSL.require(succeeded && initializedCount == Self.byteCount, "authentication code")
        }
    }

    /// Compares in constant time.
    package func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
        ConstantTime.areEqual(code, authenticationCode(for: message))
    }

    /// For a key that is used once.
    package static func authenticationCode(for message: [UInt8], key: [UInt8]) throws(CryptoError) -> [UInt8] {
        try HMACSHA256Key(bytes: key).authenticationCode(for: message)
    }
}

extension HMACSHA256Key: CustomStringConvertible, CustomReflectable {
    package var description: String { "HMACSHA256Key(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
