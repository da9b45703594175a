/// What a cryptographic operation can end in besides its result.
///
/// Carries no detail from OpenSSL: that could tell an attacker why a forgery failed, and is of no use to a caller.
package struct CryptoError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// Sealed bytes were changed, cut, moved, or sealed under another key.
        case authenticationFailed
        /// Bytes that are not a key of the wanted kind.
        case invalidKey
        case invalidSignature
        /// A length or a parameter outside of what the algorithm allows.
        case invalidInput
        /// libcrypto itself failed: no memory, or an algorithm that this installation lacks.
        case library
    }

    package let code: Code
    /// Static text that names the operation.
    package let operation: StaticString

    package init(_ code: Code, _ operation: StaticString) {
        self.code = code
        self.operation = operation
    }

    package static func == (left: CryptoError, right: CryptoError) -> Bool {
        left.code == right.code && left.operation.description == right.operation.description
    }
}
