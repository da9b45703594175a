import Engine

extension NetworkAddress {
    /// False for loopback, private, link-local, shared, multicast, documentation and reserved addresses (the IANA special-purpose address
    /// registries; RFC 6890), and for those of IPv6 that carry one of IPv4 inside.
    package var isPublic: Bool {
        bytes.count == 4 ? !Self.specialFour.contains { matches($0.bytes, $0.bits) } : isPublicSixteen
    }

    /// Global unicast is 2000::/3; of that, what is set aside is not.
    private var isPublicSixteen: Bool {
        matches([0x20], 3) && !Self.specialSixteen.contains { matches($0.bytes, $0.bits) }
    }

    private static let specialFour: [(bytes: [UInt8], bits: Int)] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24), ([192, 0, 2], 24),
        ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]

    /// 2001::/23 with Teredo and ORCHID, documentation, 6to4, and 3fff::/20.
    private static let specialSixteen: [(bytes: [UInt8], bits: Int)] = [
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ]
}
