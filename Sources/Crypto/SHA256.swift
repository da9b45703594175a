import COpenSSL

/// SHA-256 (FIPS 180-4): in one go with `digest`, or piece by piece with an instance.
package struct SHA256: ~Copyable {
    package static let byteCount = 32

    private let context: OpaquePointer

    package init() {
        let context = EVP_MD_CTX_new()
        OpenSSL.require(context != nil && EVP_DigestInit_ex2(context, OpenSSL.sha256, nil) == 1, "begin a digest")
        // `require` has established that it is there.
        self.context = context.unsafelyUnwrapped
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest($0) }
    }

    package static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { output, initializedCount in
            let succeeded = EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, OpenSSL.sha256, nil) == 1
            OpenSSL.require(succeeded, "digest")
            initializedCount = byteCount
        }
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        OpenSSL.require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "continue a digest")
    }

    package consuming func finalize() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { output, initializedCount in
            OpenSSL.require(EVP_DigestFinal_ex(context, output.baseAddress, nil) == 1, "finish a digest")
            initializedCount = Self.byteCount
        }
    }
}
