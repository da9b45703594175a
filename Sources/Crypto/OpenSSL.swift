import COpenSSL

/// Algorithms fetched once, since a fetch by name takes longer than the work itself, and the way a failure is reported.
enum OpenSSL {
    // Fetched algorithms are immutable and counted by atomic operations; they live as long as the process.
    nonisolated(unsafe) static let aes256GCM = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    nonisolated(unsafe) static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) static let hmac = EVP_MAC_fetch(nil, "HMAC", nil)
    nonisolated(unsafe) static let hkdf = EVP_KDF_fetch(nil, "HKDF", nil)

    /// Empties the thread's error queue, so that no later call finds what an earlier one left, and makes the error.
    static func failure(_ code: CryptoError.Code, _ operation: StaticString) -> CryptoError {
        ERR_clear_error()
        return CryptoError(code, operation)
    }

    /// Checks what fails only when memory runs out or the installation is broken, where the standard library would trap as well.
    static func require(_ succeeded: Bool, _ operation: StaticString) {
        precondition(succeeded, "libcrypto failed: \(operation)")
    }
}
