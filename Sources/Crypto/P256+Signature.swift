import COpenSSL

extension P256 {
    /// Conversion between the two forms of a signature.
    enum Signature {
        static let p1363ByteCount = 2 * scalarByteCount
        /// Two integers of at most 33 bytes, each with 2 bytes of header, in a sequence with 2.
        static let derByteCountMax = 2 * (scalarByteCount + 3) + 2

        static func der(fromP1363 signature: [UInt8]) throws(CryptoError) -> [UInt8] {
            guard signature.count == p1363ByteCount else { throw CryptoError(.invalidSignature, "read a signature") }
            let pair = ECDSA_SIG_new()
            defer { ECDSA_SIG_free(pair) }
            let r = BN_bin2bn(Array(signature.prefix(scalarByteCount)), Int32(scalarByteCount), nil)
            let s = BN_bin2bn(Array(signature.suffix(scalarByteCount)), Int32(scalarByteCount), nil)
            // Takes over both numbers when it succeeds.
            guard pair != nil, ECDSA_SIG_set0(pair, r, s) == 1 else {
                BN_free(r)
                BN_free(s)
                throw OpenSSL.failure(.library, "read a signature")
            }
            var encoded: UnsafeMutablePointer<UInt8>?
            defer { attune_openssl_free(encoded) }
            let byteCount = i2d_ECDSA_SIG(pair, &encoded)
            guard byteCount > 0 else { throw OpenSSL.failure(.library, "read a signature") }
            return Array(UnsafeBufferPointer(start: encoded, count: Int(byteCount)))
        }

        static func p1363(fromDER signature: [UInt8]) throws(CryptoError) -> [UInt8] {
            let pair = signature.withUnsafeBufferPointer { signature in
                var position = signature.baseAddress
                return d2i_ECDSA_SIG(nil, &position, signature.count)
            }
            defer { ECDSA_SIG_free(pair) }
            var output = [UInt8](repeating: 0, count: p1363ByteCount)
            let succeeded = output.withUnsafeMutableBufferPointer { output in
                guard pair != nil, let start = output.baseAddress else { return false }
                let size = Int32(scalarByteCount)
                return BN_bn2binpad(ECDSA_SIG_get0_r(pair), start, size) == size
                    && BN_bn2binpad(ECDSA_SIG_get0_s(pair), start + scalarByteCount, size) == size
            }
            guard succeeded else { throw OpenSSL.failure(.invalidSignature, "read a signature") }
            return output
        }
    }
}
