import COpenSSL

/// AES-256-GCM (NIST SP 800-38D). A sealed message is nonce (12 bytes, random) ‖ ciphertext ‖ tag (16 bytes).
///
/// Random nonces allow 2³² messages under one key. A context of OpenSSL is made for each message: that takes 0.1 of 0.5 µs,
/// and needs neither a lock nor a pool.
extension SymmetricKey {
    package static let nonceByteCount = 12
    package static let tagByteCount = 16
    /// By how much a sealed message is longer than its plaintext.
    package static let sealingOverheadByteCount = nonceByteCount + tagByteCount

    /// - Parameter aad: what is authenticated along with the message without being part of it.
    package func seal(_ plaintext: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        try seal(plaintext.span.bytes, aad: aad)
    }

    package func seal(_ plaintext: RawSpan, aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        try plaintext.withUnsafeBytes { plaintext throws(CryptoError) in try seal(plaintext, explicitNonce: nil, aad: aad) }
    }

    /// With a nonce of the caller's, who sees to it that it is never used twice under this key: once is enough to lose the key.
    package func unsafeSeal(_ plaintext: [UInt8], nonce: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard nonce.count == Self.nonceByteCount else { throw CryptoError(.invalidInput, "seal") }
        return try plaintext.span.bytes.withUnsafeBytes { plaintext throws(CryptoError) in
            try seal(plaintext, explicitNonce: nonce, aad: aad)
        }
    }

    package func open(_ sealed: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        try open(sealed.span.bytes, aad: aad)
    }

    /// Reads the sealed bytes where they are, such as in a memory map.
    package func open(_ sealed: RawSpan, aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        try sealed.withUnsafeBytes { sealed throws(CryptoError) in try open(sealed, aad: aad) }
    }

    /// Reads the sealed bytes where they are, such as in a memory map.
    package func open(_ sealed: UnsafeRawBufferPointer, aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        let plaintextByteCount = sealed.count - Self.sealingOverheadByteCount
        guard (0...Self.messageByteCountMax).contains(plaintextByteCount) else { throw CryptoError(.authenticationFailed, "open") }
        var succeeded = false
        let plaintext = [UInt8](unsafeUninitializedCapacity: plaintextByteCount) { output, initializedCount in
            succeeded = openBytes(sealed, aad: aad, into: UnsafeMutableRawBufferPointer(output))
            initializedCount = succeeded ? plaintextByteCount : 0
        }
        guard succeeded else { throw OpenSSL.failure(.authenticationFailed, "open") }
        return plaintext
    }

    /// Seals another key under this one.
    package func wrap(_ key: SymmetricKey, aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        try key.withBytes { key throws(CryptoError) in try seal(key, explicitNonce: nil, aad: aad) }
    }

    /// Opens a wrapped key without leaving a copy of its bytes in memory.
    package func unwrap(_ wrapped: [UInt8], aad: [UInt8]) throws(CryptoError) -> SymmetricKey {
        guard wrapped.count == Self.byteCount + Self.sealingOverheadByteCount else {
            throw CryptoError(.authenticationFailed, "unwrap a key")
        }
        var succeeded = false
        let key = SymmetricKey { output in
            succeeded = wrapped.withUnsafeBytes { openBytes($0, aad: aad, into: output) }
        }
        guard succeeded else { throw OpenSSL.failure(.authenticationFailed, "unwrap a key") }
        return key
    }
}

extension SymmetricKey {
    /// OpenSSL counts in 32 bits.
    private static let messageByteCountMax = Int(Int32.max) - sealingOverheadByteCount

    private func seal(
        _ plaintext: UnsafeRawBufferPointer, explicitNonce: [UInt8]?, aad: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard plaintext.count <= Self.messageByteCountMax, aad.count <= Self.messageByteCountMax else {
            throw CryptoError(.invalidInput, "seal")
        }
        let byteCount = plaintext.count + Self.sealingOverheadByteCount
        var succeeded = false
        let sealed = [UInt8](unsafeUninitializedCapacity: byteCount) { output, initializedCount in
            let nonce = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(output)[..<Self.nonceByteCount])
            if let explicitNonce { nonce.copyBytes(from: explicitNonce) } else { SecureRandom.fill(nonce) }
            succeeded = sealBytes(plaintext, aad: aad, into: output)
            initializedCount = succeeded ? byteCount : 0
        }
        guard succeeded else { throw OpenSSL.failure(.library, "seal") }
        return sealed
    }

    /// Takes the nonce from the first bytes of `output` and writes the rest of it.
    private func sealBytes(_ plaintext: UnsafeRawBufferPointer, aad: [UInt8], into output: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard let nonce = output.baseAddress, let context = EVP_CIPHER_CTX_new() else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        let ciphertext = nonce + Self.nonceByteCount
        let tag = ciphertext + plaintext.count
        var length: Int32 = 0
        return EVP_EncryptInit_ex2(context, OpenSSL.aes256GCM, keyBytes, nonce, nil) == 1
            && (aad.isEmpty || EVP_EncryptUpdate(context, nil, &length, aad, Int32(aad.count)) == 1)
            && (plaintext.isEmpty
                || EVP_EncryptUpdate(context, ciphertext, &length, Self.bytes(plaintext), Int32(plaintext.count)) == 1)
            && EVP_EncryptFinal_ex(context, tag, &length) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), tag) == 1
    }

    /// `output` takes exactly the plaintext; where this returns false it holds nothing that may be looked at.
    private func openBytes(_ sealed: UnsafeRawBufferPointer, aad: [UInt8], into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard let nonce = Self.bytes(sealed), aad.count <= Self.messageByteCountMax, let context = EVP_CIPHER_CTX_new() else {
            return false
        }
        defer { EVP_CIPHER_CTX_free(context) }
        let plaintext = output.bindMemory(to: UInt8.self)
        let ciphertext = nonce + Self.nonceByteCount
        // OpenSSL only reads the tag, through a parameter that serves writing as well.
        let tag = UnsafeMutablePointer(mutating: ciphertext + plaintext.count)
        var length: Int32 = 0
        var nothing: UInt8 = 0
        let succeeded =
            EVP_DecryptInit_ex2(context, OpenSSL.aes256GCM, keyBytes, nonce, nil) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), tag) == 1
            && (aad.isEmpty || EVP_DecryptUpdate(context, nil, &length, aad, Int32(aad.count)) == 1)
            && (plaintext.isEmpty
                || EVP_DecryptUpdate(context, plaintext.baseAddress, &length, ciphertext, Int32(plaintext.count)) == 1)
            && EVP_DecryptFinal_ex(context, &nothing, &length) == 1
        if !succeeded { OPENSSL_cleanse(output.baseAddress, output.count) }
        return succeeded
    }

    private var keyBytes: UnsafePointer<UInt8>? { Self.bytes(UnsafeRawBufferPointer(storage)) }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.bindMemory(to: UInt8.self).baseAddress
    }
}
