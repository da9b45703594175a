import COpenSSL

/// Derivation of keys from keys: HKDF with SHA-256 (RFC 5869).
package enum HKDFSHA256 {
    /// 255 blocks, the algorithm's own bound.
    package static let byteCountMax = 255 * SHA256.byteCount

    /// - Throws: `invalidInput` for an empty secret, or a byte count outside of 1 to `byteCountMax`.
    package static func derive(secret: [UInt8], salt: [UInt8] = [], info: [UInt8], byteCount: Int) throws(CryptoError) -> [UInt8] {
        guard (1...byteCountMax).contains(byteCount) else { throw CryptoError(.invalidInput, "derive a key") }
        var output = [UInt8](repeating: 0, count: byteCount)
        let succeeded = secret.withUnsafeBytes { secret in
            output.withUnsafeMutableBytes { derive(secret: secret, salt: salt, info: info, into: $0) }
        }
        guard succeeded else { throw OpenSSL.failure(secret.isEmpty ? .invalidInput : .library, "derive a key") }
        return output
    }

    static func derive(
        secret: UnsafeRawBufferPointer, salt: [UInt8], info: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard !secret.isEmpty, let context = EVP_KDF_CTX_new(OpenSSL.hkdf) else { return false }
        defer { EVP_KDF_CTX_free(context) }
        return salt.withUnsafeBytes { salt in
            info.withUnsafeBytes { info in
                attune_hkdf_sha256(
                    context, secret.baseAddress, secret.count, salt.baseAddress, salt.count, info.baseAddress, info.count,
                    output.bindMemory(to: UInt8.self).baseAddress, output.count) == 1
            }
        }
    }
}
