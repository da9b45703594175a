package import AttuneCrypto
package import Engine

/// AWS Signature Version 4 in the `Authorization` header.
///
/// Source: AWS IAM User Guide, "Create a signed AWS API request". All services but S3 encode an already encoded path once more and
/// resolve its dots and doubled slashes. Queries are left out: the APIs in use here have none.
package struct SigV4: Sendable {
    /// As in the credential scope, such as `bedrock`; for some services it differs from the name in the host.
    let service: String
    let region: String
    let credentials: AWSCredentials

    /// What is signed: a request with an empty query.
    package struct Request {
        package var method: String
        package var host: String
        /// Percent-encoded, as it goes on the wire.
        package var path: String
        /// Signed with the rest; `host` and what signing adds are not among them. Names in lower case, none twice.
        package var headers: [HTTPField]
        package var body: [UInt8]

        package init(method: String, host: String, path: String, headers: [HTTPField], body: [UInt8]) {
            self.method = method
            self.host = host
            self.path = path
            self.headers = headers
            self.body = body
        }
    }

    package init(service: String, region: String, credentials: AWSCredentials) {
        self.service = service
        self.region = region
        self.credentials = credentials
    }

    /// - Returns: What is to be sent besides the request's own headers.
    package func headers(for request: Request, at now: Timestamp) throws(CryptoError) -> [HTTPField] {
        let time = Self.basicFormat(now)
        var added = [HTTPField(name: "x-amz-date", value: time)]
        if let token = credentials.sessionToken { added.append(HTTPField(name: "x-amz-security-token", value: token)) }
        let signed = request.headers + added + [HTTPField(name: "host", value: request.host)]
        let sorted = signed.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let names = sorted.map(\.name).joined(separator: ";")
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let text = Self.stringToSign(Self.canonicalRequest(request, headers: sorted, names: names), time: time, scope: scope)
        let code = try HMACSHA256Key.authenticationCode(for: Array(text.utf8), key: signingKey(day: String(time.prefix(8))))
        let credential = "Credential=\(credentials.accessKeyID)/\(scope)"
        let value = "AWS4-HMAC-SHA256 \(credential), SignedHeaders=\(names), Signature=\(Self.hexadecimal(code))"
        return added + [HTTPField(name: "authorization", value: value)]
    }

    private func signingKey(day: String) throws(CryptoError) -> [UInt8] {
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [day, region, service, "aws4_request"] {
            key = try HMACSHA256Key.authenticationCode(for: Array(part.utf8), key: key)
        }
        return key
    }

    private static func stringToSign(_ canonicalRequest: String, time: String, scope: String) -> String {
        ["AWS4-HMAC-SHA256", time, scope, hexadecimal(SHA256.digest(Array(canonicalRequest.utf8)))].joined(separator: "\n")
    }

    private static func canonicalRequest(_ request: Request, headers: [HTTPField], names: String) -> String {
        let lines = headers.map { "\($0.name):\(canonicalValue($0.value))\n" }.joined()
        let digest = hexadecimal(SHA256.digest(request.body))
        return [request.method, canonicalPath(request.path), "", lines, names, digest].joined(separator: "\n")
    }

    /// Resolves `.`, `..` and empty segments, then encodes, also the percent signs that are there.
    package static func canonicalPath(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let endsInSlash = path.hasSuffix("/") && !segments.isEmpty
        return PercentEncoding.encode("/" + segments.joined(separator: "/") + (endsInSlash ? "/" : ""), keepingSlashes: true)
    }

    /// Without blanks at its ends; a run of them inside counts as one.
    private static func canonicalValue(_ value: String) -> String {
        value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// `20240620T081500Z`, from RFC 3339's `2024-06-20T08:15:00Z`; fractions of a second are dropped.
    private static func basicFormat(_ moment: Timestamp) -> String {
        Timestamp(seconds: moment.seconds).rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
