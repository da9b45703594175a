/// Why a token, a signed document or a key in JSON was refused; all of it looks alike from outside (401).
package struct TokenError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable, CaseIterable {
        /// Not the one strict form: parts, base64url, JSON, member types, length.
        case malformed
        /// A JSON object names a member twice.
        case duplicateMember
        /// A header that says anything besides `alg`, `kid` and `typ`: `crit`, `jwk`, `zip` and the like.
        case refusedHeader
        /// `alg` is not the key's one algorithm.
        case wrongAlgorithm
        case wrongType
        case unknownKey
        case badSignature
        case wrongIssuer
        case wrongAudience
        case wrongTenant
        case expired
        case notYetValid
        /// Times that contradict each other, or a life longer than allowed.
        case implausibleTimes
        /// Signing failed; no fault of the input.
        case cryptography
    }

    package let code: Code
    /// Static text that names the operation.
    package let operation: StaticString

    package init(_ code: Code, _ operation: StaticString) {
        self.code = code
        self.operation = operation
    }

    package static func == (left: TokenError, right: TokenError) -> Bool {
        left.code == right.code && left.operation.description == right.operation.description
    }
}
