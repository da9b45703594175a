import Glibc

/// An IP address of version 4 or 6.
package struct NetworkAddress: Sendable, Equatable {
    /// 4 or 16.
    package let bytes: [UInt8]

    package init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
    }

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// As a URL or `getaddrinfo` takes it.
    package var text: String {
        var output = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &output, socklen_t(output.count))
        return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the address begins with the first `bits` bits of `prefix`; both are of the same family.
    package func matches(_ prefix: [UInt8], _ bits: Int) -> Bool {
        for (place, byte) in prefix.enumerated() {
            let left = bits - place * 8
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            if bytes[place] & mask != byte & mask { return false }
        }
        return true
    }
}
