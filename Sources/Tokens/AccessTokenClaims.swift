/// What an access token says (RFC 9068). Times are seconds since 1970.
package struct AccessTokenClaims: Sendable, Equatable {
    /// The longest that a token may live.
    package static let lifeSecondsMax: Int64 = 86_400

    /// `iss`
    package var issuer: String
    /// `aud`: one string or several.
    package var audience: [String]
    /// `sub`: the user.
    package var subject: String
    /// `tid`: the tenant.
    package var tenant: String
    /// `scope`: separated by spaces, see `TokenScope.parse`.
    package var scope: String
    /// `iat`
    package var issuedAtSeconds: Int64
    /// `nbf`
    package var notBeforeSeconds: Int64
    /// `exp`: the first second at which the token is no longer good.
    package var expiresAtSeconds: Int64
    /// `jti`
    package var id: String

    package init(
        issuer: String, audience: [String], subject: String, tenant: String, scope: String,
        issuedAtSeconds: Int64, notBeforeSeconds: Int64, expiresAtSeconds: Int64, id: String
    ) {
        self.issuer = issuer
        self.audience = audience
        self.subject = subject
        self.tenant = tenant
        self.scope = scope
        self.issuedAtSeconds = issuedAtSeconds
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresAtSeconds = expiresAtSeconds
        self.id = id
    }

    var json: String {
        var writer = JSONObjectWriter()
        writer.member("iss", issuer)
        if audience.count == 1 { writer.member("aud", audience[0]) } else { writer.member("aud", audience) }
        writer.member("sub", subject)
        writer.member("tid", tenant)
        writer.member("scope", scope)
        writer.member("iat", issuedAtSeconds)
        writer.member("nbf", notBeforeSeconds)
        writer.member("exp", expiresAtSeconds)
        writer.member("jti", id)
        return writer.finish()
    }
}

extension AccessTokenClaims {
    /// The end of the year 9999; keeps sums of times far from overflowing.
    private static let secondsMax: Int64 = 253_402_300_799

    /// Every claim must be there and of its type; others are ignored, as RFC 7519 says.
    package init(json: [UInt8]) throws(TokenError) {
        let members = try JSONScanner.object(json)
        try self.init(
            issuer: Self.text(members["iss"]), audience: Self.texts(members["aud"]), subject: Self.text(members["sub"]),
            tenant: Self.text(members["tid"]), scope: Self.text(members["scope"], mayBeEmpty: true),
            issuedAtSeconds: Self.seconds(members["iat"]), notBeforeSeconds: Self.seconds(members["nbf"]),
            expiresAtSeconds: Self.seconds(members["exp"]), id: Self.text(members["jti"]))
    }

    private static func text(_ value: JSONValue?, mayBeEmpty: Bool = false) throws(TokenError) -> String {
        guard let text = value?.string, mayBeEmpty || !text.isEmpty else { throw malformed }
        return text
    }

    private static func texts(_ value: JSONValue?) throws(TokenError) -> [String] {
        guard case .array(let elements) = value else { return [try text(value)] }
        var texts: [String] = []
        for element in elements { texts.append(try text(element)) }
        return texts
    }

    private static func seconds(_ value: JSONValue?) throws(TokenError) -> Int64 {
        guard let seconds = value?.integer, (0...secondsMax).contains(seconds) else { throw malformed }
        return seconds
    }

    private static var malformed: TokenError { TokenError(.malformed, "read claims") }
}
