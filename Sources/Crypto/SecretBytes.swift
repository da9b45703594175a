import COpenSSL

/// Secrets that have to be in an array for a moment.
package enum SecretBytes {
    /// Overwrites an array in place, also where others hold it: call it when nobody reads it any more. Changing it in the usual way would
    /// overwrite a copy where it is shared. The compiler leaves no such call out.
    package static func wipe(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            // The storage of an array with elements is on the heap, writable, and no other array's.
            OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: start), buffer.count)
        }
    }

    package static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    }
}
