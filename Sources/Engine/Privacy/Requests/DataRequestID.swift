import AttuneCrypto

/// Names a request in the register: `req_` and a name that sorts the newest first.
package struct DataRequestID: Sendable, Hashable {
    private static let prefix = "req_"
    /// Eleven hexadecimal digits of time, a hyphen, eight of chance.
    private static let nameBytes = 20

    /// What its sort key ends with.
    let name: String

    package var text: String { Self.prefix + name }

    static func new(now: Timestamp) -> DataRequestID {
        var random = SecureRandom()
        return DataRequestID(storedName: Keyspace.timeName(now, digest: random.next()))
    }

    init(storedName: String) {
        name = storedName
    }

    /// - Returns: nil for what names no request: only hexadecimal digits come into a sort key.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let name = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard name.count == Self.nameBytes else { return nil }
        for (place, byte) in name.enumerated() {
            let isHexadecimal = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
            guard place == 11 ? byte == UInt8(ascii: "-") : isHexadecimal else { return nil }
        }
        self.name = String(decoding: name, as: UTF8.self)
    }
}
