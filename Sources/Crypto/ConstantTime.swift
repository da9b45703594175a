import COpenSSL

/// Comparison whose duration does not depend on where two secrets differ.
package enum ConstantTime {
    /// Lengths are not secret: different ones are unequal at once.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
