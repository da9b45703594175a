import COpenSSL

/// 32 secret bytes, wiped from memory when the last reference goes.
package final class SymmetricKey: Sendable {
    package static let byteCount = 32

    // Only the initialisers write here, before anyone else has the key, and `deinit`, after everyone has.
    nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

    init(fill: (UnsafeMutableRawBufferPointer) -> Void) {
        storage = .allocate(byteCount: Self.byteCount, alignment: 16)
        fill(storage)
    }

    /// The caller's own copy of the bytes is the caller's to wipe; `random`, `derive` and `unwrap` leave none.
    package convenience init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == Self.byteCount else { throw CryptoError(.invalidKey, "make a symmetric key") }
        self.init { $0.copyBytes(from: bytes) }
    }

    package convenience init(bytes: UnsafeRawBufferPointer) throws(CryptoError) {
        guard bytes.count == Self.byteCount else { throw CryptoError(.invalidKey, "make a symmetric key") }
        self.init { $0.copyMemory(from: bytes) }
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    package static func random() -> SymmetricKey {
        SymmetricKey { SecureRandom.fillSecret($0) }
    }

    /// A key for one purpose, named by `info`: HKDF-SHA-256 without a salt, which this key, being uniformly random, does not need.
    package func derive(info: [UInt8]) throws(CryptoError) -> SymmetricKey {
        var succeeded = false
        let derived = SymmetricKey {
            $0.initializeMemory(as: UInt8.self, repeating: 0)
            succeeded = HKDFSHA256.derive(secret: UnsafeRawBufferPointer(storage), salt: [], info: info, into: $0)
        }
        guard succeeded else { throw OpenSSL.failure(.library, "derive a key") }
        return derived
    }

    /// The pointer must not leave the closure.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }
}

extension SymmetricKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "SymmetricKey(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
