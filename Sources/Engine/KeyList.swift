/// Keys in their order, each once, and where each of them stands: found at once, however many there are.
///
/// Comparing is cheaper for some, and hashing for the hundred pages and steps that a batch of one user's events counts.
struct KeyList: Sendable {
    private(set) var keys: [Keyspace] = []
    /// Empty while there are few.
    private var places: [Keyspace: Int] = [:]

    init(_ keys: [Keyspace] = []) {
        for key in keys { _ = add(key) }
    }

    /// nil: it is none of them.
    func place(of key: Keyspace) -> Int? { places.isEmpty ? keys.firstIndex(of: key) : places[key] }

    /// - Returns: where it stands, whether or not it was there before.
    mutating func add(_ key: Keyspace) -> Int {
        if let place = place(of: key) { return place }
        keys.append(key)
        if !places.isEmpty {
            places[key] = keys.count - 1
        } else if keys.count > Self.comparedMax {
            places = Dictionary(zip(keys, keys.indices)) { first, _ in first }
        }
        return keys.count - 1
    }

    private static let comparedMax = 32
}
