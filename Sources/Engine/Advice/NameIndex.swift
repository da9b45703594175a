/// Where a name stands in a list; names are told apart by their bytes.
struct NameIndex: Sendable {
    private struct Key: Hashable {
        let name: String

        static func == (first: Self, second: Self) -> Bool { first.name.hasSameBytes(as: second.name) }

        func hash(into hasher: inout Hasher) {
            var name = name
            name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private var positions: [Key: Int] = [:]

    init(_ names: some Sequence<String>) {
        for (position, name) in names.enumerated() {
            insert(name, at: position)
        }
    }

    subscript(name: String) -> Int? { positions[Key(name: name)] }

    /// The first position of a name stays.
    /// - Returns: false where the name was there already.
    @discardableResult
    mutating func insert(_ name: String, at position: Int) -> Bool {
        let key = Key(name: name)
        guard positions[key] == nil else { return false }
        positions[key] = position
        return true
    }
}
