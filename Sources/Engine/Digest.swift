import Tokens

/// Text forms of digests.
enum Digest {
    /// The first 128 bits of a digest, in base64url: enough that none is met twice.
    static func text(_ bytes: [UInt8]) -> String {
        Base64URL.encode(Array(bytes.prefix(16)))
    }
}
