import Glibc
import NIOSSL

extension TLSConfiguration {
    /// TLS 1.2 or later as a server, with a certificate chain and its key from PEM files. HTTP/2 allows nothing older (RFC 9113, 9.2),
    /// and RFC 8996 deprecates what is older.
    /// - Throws: `StartError` for files that cannot be read, hold something else, or do not belong together.
    static func server(certificatePath: String, keyPath: String) throws(StartError) -> TLSConfiguration {
        let certificates = try content(of: certificatePath, "ATTUNE_TLS_CERT", "a certificate in PEM form") { path in
            try NIOSSLCertificate.fromPEMFile(path)
        }
        let key = try content(of: keyPath, "ATTUNE_TLS_KEY", "a private key in PEM form, without a passphrase") { path in
            [try NIOSSLPrivateKey(file: path, format: .pem)]
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key[0]))
        configuration.minimumTLSVersion = .tlsv12
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw StartError("TLS cannot be set up: the key of ATTUNE_TLS_KEY must be that of the first certificate of ATTUNE_TLS_CERT.")
        }
        return configuration
    }

    private static func content<Content>(
        of path: String, _ setting: String, _ expected: String, _ read: (String) throws -> [Content]
    ) throws(StartError) -> [Content] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            throw StartError("\(setting): \(path) cannot be read (\(reason)). Name a file that this user may read.")
        }
        close(file)
        guard let content = try? read(path), !content.isEmpty else {
            throw StartError("\(setting): \(path) does not hold \(expected).")
        }
        return content
    }
}
