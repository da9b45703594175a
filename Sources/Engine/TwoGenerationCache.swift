/// A bounded cache that forgets what has not been asked for lately, at constant cost: when the young generation is full it becomes the
/// old one, and the old one goes.
struct TwoGenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let entriesPerGenerationMax: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter entriesMax: how many entries it holds at most.
    init(entriesMax: Int) {
        entriesPerGenerationMax = max(entriesMax / 2, 1)
    }

    mutating func value(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if young.count >= entriesPerGenerationMax {
            old = young
            young = [:]
        }
        young[key] = value
    }

    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll(where isUnwanted: (Value) -> Bool) {
        young = young.filter { !isUnwanted($0.value) }
        old = old.filter { !isUnwanted($0.value) }
    }
}
