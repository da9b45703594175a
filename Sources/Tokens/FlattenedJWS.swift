package import AttuneCrypto

/// A signed document in the flattened JSON form of JWS (RFC 7515, section 7.2.2).
///
/// Its header names no `typ`, so it can never pass for an access token, whichever key signed it.
package struct FlattenedJWS: Sendable, Equatable {
    /// The three members, as they stand in JSON.
    package let payload: String
    package let protected: String
    package let signature: String

    package init(payload: String, protected: String, signature: String) {
        self.payload = payload
        self.protected = protected
        self.signature = signature
    }

    package static func sign(_ payload: [UInt8], with key: Ed25519.PrivateKey) throws(TokenError) -> FlattenedJWS {
        let publicKey = JSONWebKey(key.publicKey)
        var writer = JSONObjectWriter()
        writer.member("alg", publicKey.algorithm)
        writer.member("kid", publicKey.keyID)
        let protected = Base64URL.encode(Array(writer.finish().utf8))
        let payload = Base64URL.encode(payload)
        do throws(CryptoError) {
            let signature = try key.signature(for: Array("\(protected).\(payload)".utf8))
            return FlattenedJWS(payload: payload, protected: protected, signature: Base64URL.encode(signature))
        } catch { throw TokenError(.cryptography, "sign a document") }
    }

    /// Returns the bytes that were signed.
    ///
    /// - Parameter publicKey: finds a key by `kid`.
    package func verify(publicKey: (_ keyID: String) -> Ed25519.PublicKey?) throws(TokenError) -> [UInt8] {
        guard let header = Base64URL.decode(protected), let signature = Base64URL.decode(signature), let bytes = Base64URL.decode(payload)
        else { throw TokenError(.malformed, "verify a document") }
        let members = try CompactJWS.header(header)
        guard members["alg"]?.string == "EdDSA" else { throw TokenError(.wrongAlgorithm, "verify a document") }
        guard members["typ"] == nil else { throw TokenError(.wrongType, "verify a document") }
        guard let keyID = members["kid"]?.string, let key = publicKey(keyID) else { throw TokenError(.unknownKey, "verify a document") }
        do throws(CryptoError) {
            try key.verify(signature, for: Array("\(protected).\(payload)".utf8))
        } catch { throw TokenError(.badSignature, "verify a document") }
        return bytes
    }
}
