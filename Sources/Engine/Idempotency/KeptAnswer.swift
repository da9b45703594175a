/// An answer as it is kept for a request that is sent again with the same `Idempotency-Key`.
package struct KeptAnswer: Sendable, Equatable {
    package let status: Int
    package let contentType: String
    package let body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// What makes two requests the same one: besides these the tenant and the credential.
package struct IdempotentRequest: Sendable {
    /// The `Idempotency-Key` header's value.
    package let key: String
    package let method: String
    package let path: String
    package let body: [UInt8]

    package init(key: String, method: String, path: String, body: [UInt8]) {
        self.key = key
        self.method = method
        self.path = path
        self.body = body
    }
}
