import AttuneCrypto
import FoundationEssentials
import SwiftProtobuf
import Synchronization

/// By what the answers and callbacks of OpenDSR are signed: an ECDSA key over P-256 with SHA-256, and the certificate that says that it is
/// the key of this processor's domain. Both are made when first asked for and kept, sealed, with the installation.
package final class ProcessorIdentity: Sendable {
    package struct Signature: Sendable {
        package let domain: String
        /// Base64 of the DER form, over the exact bytes.
        package let base64: String
    }

    private struct Identity: Sendable {
        let key: P256.PrivateKey
        let domain: String
        /// DER.
        let certificate: [UInt8]
        let expiresAt: Timestamp
    }

    private let installation: Table
    private let publicURL: PublicURL
    private let known = Mutex<Identity?>(nil)
    private let making = Turn()

    init(installation: Table, publicURL: PublicURL) {
        (self.installation, self.publicURL) = (installation, publicURL)
    }

    package func signature(of bytes: [UInt8], now: Timestamp) async throws(EngineError) -> Signature {
        let identity = try await identity(now: now)
        do {
            return Signature(domain: identity.domain, base64: Base64.encode(try identity.key.derSignature(for: bytes)))
        } catch {
            throw EngineError(.internalError, "An answer could not be signed.")
        }
    }

    /// PEM (RFC 7468).
    package func certificate(now: Timestamp) async throws(EngineError) -> [UInt8] {
        var text = Base64.encode(try await identity(now: now).certificate)[...]
        var lines = ["-----BEGIN CERTIFICATE-----"]
        while !text.isEmpty {
            lines.append(String(text.prefix(64)))
            text = text.dropFirst(64)
        }
        return Array((lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n").utf8)
    }

    /// The host of the public URL.
    var domain: String {
        let rest = publicURL.text.split(separator: "://", maxSplits: 1).last ?? ""
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }

    private func identity(now: Timestamp) async throws(EngineError) -> Identity {
        let domain = domain
        func isGood(_ identity: Identity) -> Bool {
            identity.domain == domain && now.adding(seconds: Limits.processorCertificateRenewalSeconds) < identity.expiresAt
        }
        if let identity = known.withLock({ $0 }), isGood(identity) { return identity }
        return try await making.take { () async throws(EngineError) in
            if let identity = known.withLock({ $0 }), isGood(identity) { return identity }
            let kept = try await installation.items([.processorKey], now: now)[0]
            var identity = try kept.map { item throws(EngineError) in
                try item.secretRecord(as: ProcessorKeyRecord.self, \.privateKey, Self.read)
            }
            if identity.map(isGood) != true { identity = try await make(keeping: identity?.key, domain: domain, now: now) }
            guard let identity else { throw EngineError(.internalError, "There is no key to sign with.") }
            known.withLock { $0 = identity }
            return identity
        }
    }

    private static func read(_ record: ProcessorKeyRecord, secret: [UInt8]) throws(EngineError) -> Identity {
        guard let key = try? P256.PrivateKey(rawRepresentation: secret) else {
            throw EngineError(.damaged, "A stored key cannot be read.")
        }
        return Identity(
            key: key, domain: record.domain, certificate: Array(record.certificate), expiresAt: Timestamp(milliseconds: record.expiresAt))
    }

    /// A new domain, or the end of the certificate, takes a new certificate of the same key.
    private func make(keeping key: P256.PrivateKey?, domain: String, now: Timestamp) async throws(EngineError) -> Identity {
        let expiresAt = now.adding(seconds: Limits.processorCertificateSeconds)
        let identity: Identity
        let secret: Data
        do {
            let key = if let key { key } else { try P256.PrivateKey.generate() }
            // A clock that is a little behind shall take it, too.
            let certificate = try SelfSignedCertificate.make(
                key: key, host: domain, notBefore: now.adding(seconds: -3600).seconds, notAfter: expiresAt.seconds)
            identity = Identity(key: key, domain: domain, certificate: certificate, expiresAt: expiresAt)
            secret = try key.withRawRepresentation { bytes in Data(secret: bytes) }
        } catch {
            throw EngineError(.internalError, "A certificate could not be made: the public URL names no host.")
        }
        let payloads = SecretPayloads()
        try await installation.write([.processorKey], now: now) { table throws(EngineError) in
            let record = ProcessorKeyRecord.with {
                $0.privateKey = secret
                $0.certificate = Data(identity.certificate)
                $0.domain = domain
                $0.expiresAt = expiresAt.milliseconds
            }
            try payloads.put(.processorKey, record, in: &table)
        }
        payloads.wipe()
        return identity
    }
}
