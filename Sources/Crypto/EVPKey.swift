import COpenSSL

/// Owns one of OpenSSL's asymmetric keys.
final class EVPKey: Sendable {
    // Nothing changes a key once it is made, and OpenSSL allows any number of threads to use one: each operation has a context
    // of its own, and references are counted by atomic operations.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Takes over the reference; nil, as OpenSSL's constructors return it, becomes an error.
    init(_ pointer: OpaquePointer?, orFailWith code: CryptoError.Code, _ operation: StaticString) throws(CryptoError) {
        guard let pointer else { throw OpenSSL.failure(code, operation) }
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// One-shot signature; `digest` is nil where the algorithm brings its own.
    func signature(for message: [UInt8], digest: OpaquePointer?, byteCountMax: Int) throws(CryptoError) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var byteCount = byteCountMax
        var output = [UInt8](repeating: 0, count: byteCountMax)
        guard context != nil, EVP_DigestSignInit(context, nil, digest, nil, pointer) == 1,
            EVP_DigestSign(context, &output, &byteCount, message, message.count) == 1
        else { throw OpenSSL.failure(.library, "sign") }
        output.removeLast(byteCountMax - byteCount)
        return output
    }

    func verify(_ signature: [UInt8], for message: [UInt8], digest: OpaquePointer?) throws(CryptoError) {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard context != nil, EVP_DigestVerifyInit(context, nil, digest, nil, pointer) == 1 else {
            throw OpenSSL.failure(.library, "verify a signature")
        }
        guard EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1 else {
            throw OpenSSL.failure(.invalidSignature, "verify a signature")
        }
    }
}
