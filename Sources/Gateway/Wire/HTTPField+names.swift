import HTTPTypes

extension HTTPField.Name {
    static let crossOriginOpenerPolicy = constant("Cross-Origin-Opener-Policy")
    static let forwardedFor = constant("X-Forwarded-For")
    static let forwardedProto = constant("X-Forwarded-Proto")
    static let idempotencyKey = constant("Idempotency-Key")
    static let idempotencyReplayed = constant("Idempotency-Replayed")
    static let rateLimit = constant("RateLimit")
    static let rateLimitPolicy = constant("RateLimit-Policy")
    static let receiptID = constant("Receipt-Id")
    static let openDSRDomain = constant("X-OpenDSR-Processor-Domain")
    static let openDSRSignature = constant("X-OpenDSR-Signature")
    static let openGDPRDomain = constant("X-OpenGDPR-Processor-Domain")
    static let openGDPRSignature = constant("X-OpenGDPR-Signature")
    static let referrerPolicy = constant("Referrer-Policy")
    static let requestID = constant("X-Request-Id")
    static let globalPrivacyControl = constant("Sec-GPC")
    static let secFetchSite = constant("Sec-Fetch-Site")
    static let traceparent = constant("traceparent")

    private static func constant(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("a field name is a token") }
        return name
    }
}
