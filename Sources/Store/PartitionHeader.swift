/// What a partition says of itself, sealed at its empty sort key: its logical name, and how many items it has of each collection.
///
/// A collection is what stands before the first `#` of the sort key, with the `#`; a sort key without one is a collection of its own,
/// of at most one item. So the header tells whether such an item is absent or lost.
package struct PartitionHeader: Sendable, Equatable {
    package static let entityType = "PartitionHeader"
    static let sort: [UInt8] = []

    package let name: [UInt8]
    package private(set) var counts: [[UInt8]: UInt64] = [:]

    init(name: [UInt8]) {
        self.name = name
    }

    static func collection(of sort: [UInt8]) -> [UInt8] {
        sort.firstIndex(of: UInt8(ascii: "#")).map { Array(sort[...$0]) } ?? sort
    }

    /// Items of the collection, those included that have expired and not been swept yet.
    func count(of collection: [UInt8]) -> UInt64 { counts[collection] ?? 0 }

    /// Items whose sort keys start with `prefix`, as `count(of:)`; nil where the header does not say, for the prefix is longer than
    /// the name of a collection.
    func count(startingWith prefix: [UInt8]) -> UInt64? {
        guard !prefix.dropLast().contains(UInt8(ascii: "#")) else { return nil }
        return counts.reduce(0) { $1.key.starts(with: prefix) ? $0 + $1.value : $0 }
    }

    mutating func add(_ sort: [UInt8]) {
        counts[Self.collection(of: sort), default: 0] += 1
    }

    mutating func remove(_ sort: [UInt8]) {
        let collection = Self.collection(of: sort)
        let rest = count(of: collection).subtractingReportingOverflow(1)
        counts[collection] = rest.overflow || rest.partialValue == 0 ? nil : rest.partialValue
    }
}

/// Stored form: the ordered encoding of name, then collection and count of each, in order.
extension PartitionHeader {
    init(decoding payload: [UInt8]) throws(StoreError) {
        var reader = OrderedKeyReader(payload)
        guard let name = reader.string() else { throw StoreError(.damaged, "reading a partition's header") }
        self.init(name: name)
        while !reader.isAtEnd {
            guard let collection = reader.string(), let count = reader.integer() else {
                throw StoreError(.damaged, "reading a partition's header")
            }
            counts[collection] = count
        }
    }

    var payload: [UInt8] {
        var key = OrderedKey()
        key.append(name)
        for (collection, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            key.append(collection)
            key.append(count)
        }
        return key.bytes
    }
}
