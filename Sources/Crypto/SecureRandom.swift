import COpenSSL
import Synchronization

/// Random bytes from OpenSSL's generator; as a `RandomNumberGenerator`, random values of the standard library's types.
///
/// One call of OpenSSL costs about 0.6 µs however little it is asked for, so single values and nonces come out of a shared
/// stock of 4 KB, 0.02 µs each. What is handed out is wiped from the stock. A process that forks without `exec` would use its
/// stock twice; this one never does.
package struct SecureRandom: RandomNumberGenerator {
    private struct Stock {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var used = 4_096
    }

    /// Requests above this go to OpenSSL directly.
    private static let stockRequestBytesMax = 64
    private static let stock = Mutex(Stock())

    package init() {}

    package mutating func next() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { Self.fill($0) }
        return value
    }

    /// Straight from OpenSSL, past the stock.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            fillDirectly(UnsafeMutableRawBufferPointer(buffer))
            initializedCount = count
        }
    }

    /// From the stock: for nonces, and for values drawn one by one.
    static func fill(_ target: UnsafeMutableRawBufferPointer) {
        guard target.count <= stockRequestBytesMax else { return fillDirectly(target) }
        // The pointer is used inside the closure only, which runs before this function returns.
        nonisolated(unsafe) let target = target
        stock.withLock { stock in
            stock.bytes.withUnsafeMutableBytes { bytes in
                if bytes.count - stock.used < target.count {
                    fillDirectly(bytes)
                    stock.used = 0
                }
                let taken = UnsafeMutableRawBufferPointer(rebasing: bytes[stock.used..<stock.used + target.count])
                target.copyMemory(from: UnsafeRawBufferPointer(taken))
                OPENSSL_cleanse(taken.baseAddress, taken.count)
                stock.used += taken.count
            }
        }
    }

    /// For keys: OpenSSL keeps a second generator for what must stay secret.
    static func fillSecret(_ target: UnsafeMutableRawBufferPointer) {
        OpenSSL.require(RAND_priv_bytes(target.bindMemory(to: UInt8.self).baseAddress, Int32(target.count)) == 1, "random bytes")
    }

    private static func fillDirectly(_ target: UnsafeMutableRawBufferPointer) {
        guard !target.isEmpty else { return }
        OpenSSL.require(RAND_bytes(target.bindMemory(to: UInt8.self).baseAddress, Int32(target.count)) == 1, "random bytes")
    }
}
