import COpenSSL

/// Digests that are broken as such and that others still name people by (OpenDSR, "identity_format"): for comparing, never for security.
package enum LegacyDigest: Sendable {
    case md5, sha1

    private static let byteCountMax = 20
    // As in `OpenSSL`: immutable, and as long-lived as the process.
    nonisolated(unsafe) private static let md5Algorithm = EVP_MD_fetch(nil, "MD5", nil)
    nonisolated(unsafe) private static let sha1Algorithm = EVP_MD_fetch(nil, "SHA1", nil)

    /// - Returns: nil where the installation of OpenSSL does not have the algorithm.
    package func digest(_ bytes: [UInt8]) -> [UInt8]? {
        guard let algorithm = self == .md5 ? Self.md5Algorithm : Self.sha1Algorithm else { return nil }
        var output = [UInt8](repeating: 0, count: Self.byteCountMax)
        var byteCount: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &output, &byteCount, algorithm, nil) == 1 else { return nil }
        return Array(output.prefix(Int(byteCount)))
    }
}
