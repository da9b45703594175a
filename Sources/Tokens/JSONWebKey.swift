package import AttuneCrypto

/// A public key in JSON (RFC 7517, RFC 8037), for one algorithm, named by its thumbprint unless it came with another name.
package struct JSONWebKey: Sendable, Equatable {
    package enum Material: Sendable, Equatable {
        case ed25519(Ed25519.PublicKey)
        case p256(P256.PublicKey)

        /// The one algorithm that the key may be used with.
        package var algorithm: String {
            switch self {
            case .ed25519: "EdDSA"
            case .p256: "ES256"
            }
        }
    }

    /// What a tenant signs with the key. Verifiers that know nothing of it ignore the member.
    package enum Purpose: String, Sendable {
        case tokens, proofs
    }

    package let material: Material
    package let keyID: String
    /// Written as the member `attune_use`; nil: the key is for anything.
    package let purpose: Purpose?

    package init(_ key: Ed25519.PublicKey, for purpose: Purpose? = nil) {
        self.init(.ed25519(key), purpose)
    }

    package init(_ key: P256.PublicKey) {
        self.init(.p256(key), nil)
    }

    private init(_ material: Material, _ purpose: Purpose?) {
        (self.material, self.purpose) = (material, purpose)
        keyID = Self.thumbprint(of: material)
    }

    package var algorithm: String { material.algorithm }

    package var json: String {
        var writer = JSONObjectWriter()
        switch material {
        case .ed25519(let key):
            writer.member("kty", "OKP")
            writer.member("crv", "Ed25519")
            writer.member("x", Base64URL.encode(key.rawRepresentation))
        case .p256(let key):
            writer.member("kty", "EC")
            writer.member("crv", "P-256")
            writer.member("x", Base64URL.encode(Array(key.x963Representation[1..<33])))
            writer.member("y", Base64URL.encode(Array(key.x963Representation[33...])))
        }
        writer.member("kid", keyID)
        writer.member("alg", algorithm)
        writer.member("use", "sig")
        if let purpose { writer.member(Self.purposeName, purpose.rawValue) }
        return writer.finish()
    }

    /// A private name, as RFC 7517, section 4, allows: `use` and `key_ops` are the same for every key that verifies.
    private static let purposeName = "attune_use"

    /// RFC 7638: the digest of the required members alone, in the order of their names.
    private static func thumbprint(of material: Material) -> String {
        var writer = JSONObjectWriter()
        switch material {
        case .ed25519(let key):
            writer.member("crv", "Ed25519")
            writer.member("kty", "OKP")
            writer.member("x", Base64URL.encode(key.rawRepresentation))
        case .p256(let key):
            writer.member("crv", "P-256")
            writer.member("kty", "EC")
            writer.member("x", Base64URL.encode(Array(key.x963Representation[1..<33])))
            writer.member("y", Base64URL.encode(Array(key.x963Representation[33...])))
        }
        return Base64URL.encode(SHA256.digest(Array(writer.finish().utf8)))
    }
}

extension JSONWebKey {
    /// Reads a public key for signatures.
    ///
    /// - Throws: `malformed` for any other kind, use or algorithm, for a key that is not on its curve, and for a private key,
    ///   which has no business where public ones are read.
    package init(json: [UInt8]) throws(TokenError) {
        try self.init(JSONScanner.object(json))
    }

    init(_ members: JSONValue) throws(TokenError) {
        let material: Material
        do throws(CryptoError) {
            switch (members["kty"]?.string, members["crv"]?.string) {
            case ("OKP", "Ed25519"):
                guard members["y"] == nil else { throw Self.notAKey }
                material = .ed25519(try Ed25519.PublicKey(rawRepresentation: Self.coordinate(members["x"])))
            case ("EC", "P-256"):
                let point = try [4] + Self.coordinate(members["x"]) + Self.coordinate(members["y"])
                material = .p256(try P256.PublicKey(x963Representation: point))
            default: throw Self.notAKey
            }
        } catch { throw TokenError(.malformed, "read a key") }
        self.material = material
        purpose = members[Self.purposeName]?.string.flatMap { Purpose(rawValue: $0) }
        keyID = members["kid"]?.string ?? Self.thumbprint(of: material)
        guard members["d"] == nil, Self.isAbsent(members["alg"], or: .string(algorithm)), Self.isAbsent(members["use"], or: .string("sig")),
            Self.isAbsent(members["key_ops"], or: .array([.string("verify")])), members["kid"].map({ $0.string != nil }) ?? true
        else { throw TokenError(.malformed, "read a key") }
    }

    private static var notAKey: CryptoError { CryptoError(.invalidKey, "read a key") }

    private static func coordinate(_ value: JSONValue?) throws(CryptoError) -> [UInt8] {
        guard let text = value?.string, let bytes = Base64URL.decode(text), bytes.count == 32 else { throw notAKey }
        return bytes
    }

    private static func isAbsent(_ value: JSONValue?, or expected: JSONValue) -> Bool {
        value == nil || value == expected
    }
}
