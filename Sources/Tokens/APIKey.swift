import AttuneCrypto

/// An API key as its holder has it: prefix, id (8 characters of base 62), secret (22), checksum (6).
///
/// The checksum lets a mistyped key be refused without a look-up. Printing a key by accident shows its id only.
package struct APIKey: Sendable {
    package static let idCharacterCount = 8
    /// 22 digits of base 62 hold 130 bits.
    package static let secretCharacterCount = 22
    private static let checksumCharacterCount = 6
    private static let prefixCharacterCount = 7

    package let kind: APIKeyKind
    /// Names the key in lists and logs; not secret.
    package let id: String
    /// The secret's characters in ASCII. Kept by the server as an authentication code only.
    package let secret: [UInt8]

    /// Nil for anything but a complete key with the right checksum.
    package init?(_ text: String) {
        let characters = Array(text.utf8)
        let bodyCount = Self.idCharacterCount + Self.secretCharacterCount
        guard characters.count == Self.prefixCharacterCount + bodyCount + Self.checksumCharacterCount,
            let kind = APIKeyKind.allCases.first(where: { characters.starts(with: $0.prefix.utf8) })
        else { return nil }
        let body = characters.dropFirst(Self.prefixCharacterCount).prefix(bodyCount)
        guard body.allSatisfy(Base62.isDigit), characters.suffix(Self.checksumCharacterCount) == Self.checksum(of: body)[...] else {
            return nil
        }
        self.init(kind: kind, body: Array(body))
    }

    private init(kind: APIKeyKind, body: [UInt8]) {
        self.kind = kind
        id = String(decoding: body.prefix(Self.idCharacterCount), as: UTF8.self)
        secret = Array(body.suffix(Self.secretCharacterCount))
    }

    package static func generate(_ kind: APIKeyKind) -> APIKey {
        var generator = SecureRandom()
        return APIKey(kind: kind, body: Base62.randomDigits(idCharacterCount + secretCharacterCount, using: &generator))
    }

    /// The whole key in clear: for its holder, once.
    package func revealed() -> String {
        let body = Array(id.utf8) + secret
        return kind.prefix + String(decoding: body + Self.checksum(of: body), as: UTF8.self)
    }

    private static func checksum(of body: some Sequence<UInt8>) -> [UInt8] {
        Base62.digits(of: CRC32.checksum(body), width: checksumCharacterCount)
    }
}

extension APIKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(kind.prefix)\(id)…" }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
