import AttuneCrypto

/// A JWS in compact form (RFC 7515, section 7.1), taken apart strictly and not yet verified.
///
/// Strict: three parts, none empty, at most 8 KB, the one form of base64url, a header without duplicate members that says
/// `alg`, `kid` and `typ` and nothing else. What other members could ask for (`crit`, `b64`, `zip`, `jwk`, `jku`, `x5u`,
/// `x5c`) is nothing that this verifier may do, and ignoring an instruction about the signature would be worse than refusing it.
package struct CompactJWS: Sendable {
    package static let byteCountMax = 8_192
    private static let headerMembers = ["alg", "kid", "typ"]

    package let algorithm: String
    package let keyID: String?
    package let type: String?
    package let payload: [UInt8]
    package let signature: [UInt8]
    package let signingInput: [UInt8]

    /// - Throws: `malformed`, `duplicateMember` or `refusedHeader`.
    package init(_ text: String) throws(TokenError) {
        guard text.utf8.count <= Self.byteCountMax else { throw Self.malformed }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
            let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw Self.malformed }
        let members = try Self.header(header)
        guard let algorithm = members["alg"]?.string else { throw Self.malformed }
        self.algorithm = algorithm
        keyID = try Self.text(members["kid"])
        type = try Self.text(members["typ"])
        self.payload = payload
        self.signature = signature
        signingInput = Array(bytes[..<parts[1].endIndex])
    }

    /// Checks the signature with the one algorithm that the key is for; the algorithm in the header only has to agree.
    package func verify(with key: JSONWebKey.Material) throws(TokenError) {
        guard algorithm == key.algorithm else { throw TokenError(.wrongAlgorithm, "verify a JWS") }
        do throws(CryptoError) {
            switch key {
            case .ed25519(let key): try key.verify(signature, for: signingInput)
            case .p256(let key): try key.verify(p1363: signature, for: signingInput)
            }
        } catch { throw TokenError(.badSignature, "verify a JWS") }
    }

    static func header(_ bytes: [UInt8]) throws(TokenError) -> JSONValue {
        let header = try JSONScanner.object(bytes)
        guard case .object(let members) = header else { throw malformed }
        for member in members where !headerMembers.contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) {
            throw TokenError(.refusedHeader, "read a JWS")
        }
        return header
    }

    private static func text(_ value: JSONValue?) throws(TokenError) -> String? {
        guard let value else { return nil }
        guard let text = value.string else { throw malformed }
        return text
    }

    private static var malformed: TokenError { TokenError(.malformed, "read a JWS") }
}
