import COpenSSL

/// An X.509 certificate (RFC 5280) that a P-256 key has made for itself: says for which host the key signs.
package enum SelfSignedCertificate {
    private static let serialByteCount = 16
    private static let version3 = 2
    private static let commonNameBytesMax = 64

    /// - Parameters:
    ///   - host: a name or an address of either kind; bytes that no host has are refused.
    ///   - notBefore: seconds since 1970, as `notAfter`.
    /// - Returns: DER.
    package static func make(
        key: P256.PrivateKey, host: String, notBefore: Int64, notAfter: Int64
    ) throws(CryptoError) -> [UInt8] {
        guard isPlain(host) else { throw CryptoError(.invalidInput, "make a certificate") }
        guard let certificate = X509_new() else { throw failure }
        defer { X509_free(certificate) }
        var serial = SecureRandom.bytes(serialByteCount)
        // Positive, as 4.1.2.2 has it.
        serial[0] = serial[0] & 0x7F | 1
        let number = BN_bin2bn(serial, Int32(serial.count), nil)
        defer { BN_free(number) }
        guard number != nil, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            X509_set_version(certificate, version3) == 1,
            ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(notBefore)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(notAfter)) != nil,
            X509_set_pubkey(certificate, key.key.pointer) == 1
        else { throw failure }
        try name(certificate, host)
        try extend(certificate, NID_subject_alt_name, (isAddress(host) ? "IP:" : "DNS:") + host)
        try extend(certificate, NID_basic_constraints, "critical,CA:FALSE")
        try extend(certificate, NID_key_usage, "critical,digitalSignature")
        guard X509_sign(certificate, key.key.pointer, OpenSSL.sha256) > 0 else { throw failure }
        return try encoded(certificate)
    }

    private static var failure: CryptoError { OpenSSL.failure(.library, "make a certificate") }

    private static func name(_ certificate: OpaquePointer, _ host: String) throws(CryptoError) {
        let name = X509_get_subject_name(certificate)
        // A longer one stands in `subjectAltName` alone: the common name has a bound.
        let common = Array((host.utf8.count <= commonNameBytesMax ? host : "opendsr").utf8)
        guard X509_NAME_add_entry_by_txt(name, "CN", attune_mbstring_utf8, common, Int32(common.count), -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1
        else { throw failure }
    }

    private static func extend(_ certificate: OpaquePointer, _ kind: Int32, _ value: String) throws(CryptoError) {
        guard let part = X509V3_EXT_conf_nid(nil, nil, kind, value) else { throw failure }
        defer { X509_EXTENSION_free(part) }
        guard X509_add_ext(certificate, part, -1) == 1 else { throw failure }
    }

    private static func encoded(_ certificate: OpaquePointer) throws(CryptoError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        let byteCount = i2d_X509(certificate, &output)
        defer { attune_openssl_free(output) }
        guard byteCount > 0 else { throw failure }
        return Array(UnsafeBufferPointer(start: output, count: Int(byteCount)))
    }

    /// The value of an extension is a small language of OpenSSL's, in which commas and colons mean something.
    private static func isPlain(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                case UInt8(ascii: ":"): isAddress(host)
                default: false
                }
            }
    }

    private static func isAddress(_ host: String) -> Bool {
        guard let address = a2i_IPADDRESS(host) else { return false }
        ASN1_OCTET_STRING_free(address)
        return true
    }
}
