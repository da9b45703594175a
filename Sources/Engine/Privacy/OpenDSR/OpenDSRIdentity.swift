import AttuneCrypto
import FoundationEssentials
import SwiftProtobuf

/// By what a request names a person (OpenDSR 2.0, 5): an id that the tenant gave, or an e-mail address, as it is or as a digest.
package struct OpenDSRIdentity: Sendable, Equatable {
    /// Those that tenants hold. A `user` trait `email`, and ids that are addresses, are e-mail addresses.
    package enum Kind: String, Sendable, CaseIterable {
        case controllerCustomerID = "controller_customer_id"
        case email
    }

    package enum Format: String, Sendable, CaseIterable {
        case raw, sha1, md5, sha256

        /// Hexadecimal digits of a digest; nil: there is none.
        fileprivate var digitCount: Int? {
            switch self {
            case .raw: nil
            case .sha1: 40
            case .md5: 32
            case .sha256: 64
            }
        }

        fileprivate func digest(_ bytes: [UInt8]) -> [UInt8]? {
            switch self {
            case .raw: bytes
            case .sha1: LegacyDigest.sha1.digest(bytes)
            case .md5: LegacyDigest.md5.digest(bytes)
            case .sha256: SHA256.digest(bytes)
            }
        }
    }

    let kind: Kind
    let format: Format
    let value: String
    /// What the digest of a held identity has to be; of raw ones the bytes.
    private let wanted: [UInt8]

    /// - Parameter pointer: of the identity in the body.
    /// - Throws: `.invalid` for types and formats that are not known, and digests that are none.
    package init(type: String, format: String, value: String, pointer: String) throws(EngineError) {
        guard let kind = Kind(rawValue: type) else {
            throw .invalid(pointer + "/identity_type", "must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let format = Format(rawValue: format) else {
            throw .invalid(pointer + "/identity_format", "must be one of \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard (1...Limits.openDSRIdentityBytesMax).contains(value.utf8.count) else {
            throw .invalid(pointer + "/identity_value", "must be 1 to \(Limits.openDSRIdentityBytesMax) bytes long")
        }
        (self.kind, self.format, self.value) = (kind, format, value)
        if let digits = format.digitCount {
            guard value.utf8.count == digits, let digest = Self.bytes(ofHexadecimal: value) else {
                throw .invalid(pointer + "/identity_value", "must be a digest of \(digits) hexadecimal digits")
            }
            wanted = digest
        } else {
            if kind == .controllerCustomerID { _ = try UserID(value, pointer: pointer + "/identity_value") }
            wanted = kind == .email ? Self.normal(value) : Array(value.utf8)
        }
    }

    /// The one user whom it can be; nil: whoever has it, is to be found.
    package var user: UserID? { kind == .controllerCustomerID && format == .raw ? try? UserID(value) : nil }

    /// Whether it is a user's. E-mail addresses are compared, and digested, as they are held and in lower case.
    /// - Parameter email: the user's trait.
    package func names(_ user: UserID, email: String?) -> Bool {
        switch kind {
        case .controllerCustomerID: return matches(user.bytes)
        case .email:
            var addresses = email.map { [$0] } ?? []
            if user.bytes.contains(UInt8(ascii: "@")) { addresses.append(user.text) }
            return addresses.contains { matches(Self.normal($0)) || format != .raw && matches(Array($0.utf8)) }
        }
    }

    private func matches(_ held: [UInt8]) -> Bool { format.digest(held) == wanted }

    /// Lower case, without blanks around it.
    private static func normal(_ address: String) -> [UInt8] {
        let blank = UInt8(ascii: " ")
        let bytes = Array(address.lowercased().utf8.drop { $0 == blank })
        return Array(bytes.reversed().drop { $0 == blank }.reversed())
    }

    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard !digits.contains(nil) else { return nil }
        let known = digits.compactMap(\.self)
        return stride(from: 0, to: known.count - 1, by: 2).map { known[$0] << 4 | known[$0 + 1] }
    }
}

extension OpenDSRIdentity {
    init(_ record: RequestIdentityRecord) throws(EngineError) {
        try self.init(type: record.type, format: record.format, value: record.value, pointer: "")
    }

    var record: RequestIdentityRecord {
        .with { ($0.type, $0.format, $0.value) = (kind.rawValue, format.rawValue, value) }
    }
}
