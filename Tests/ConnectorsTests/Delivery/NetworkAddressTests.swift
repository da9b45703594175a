import Connectors
import Engine
import Testing

@Suite("NetworkAddress") struct NetworkAddressTests {
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "192.167.0.1", "198.17.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888",
    ])
    func open(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.isPublic && NetworkAddress(address.text) == address)
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "fe80::1", "fc00::1",
        "fd12::1",
        "ff02::1", "fec0::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "100::1",
    ])
    func closed(text: String) throws {
        #expect(try !#require(NetworkAddress(text)).isPublic)
    }

    @Test(arguments: ["", "example.org", "1.2.3", "1.2.3.4.5", "256.1.1.1", "2130706433", "0x7f.1", "[::1]", "::1%lo"])
    func none(text: String) {
        #expect(NetworkAddress(text) == nil)
    }
}
