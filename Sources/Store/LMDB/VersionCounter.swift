/// The version given last, kept with the data, so that versions never come back.
enum VersionCounter {
    private static let key = Array("sequence".utf8)
    private static let millisecondsMax: Int64 = (1 << 43) - 1

    /// The version that an opening begins behind at least. A store that was brought back from a backup has forgotten the versions given
    /// since; with the time in their upper bits none is given again, as long as the clock has not been set back and fewer than 1,024,000
    /// versions a second were given. They stay below 2⁵³, which JSON's numbers hold, until the year 2248.
    /// - Parameter now: milliseconds since 1970.
    static func floor(openedAt now: Int64) -> UInt64 {
        UInt64(min(max(now, 0), millisecondsMax)) << 10
    }

    /// - Throws: `.damaged` where the number is missing or is not what was stored: it must never go back.
    static func load(_ environment: Environment) throws(StoreError) -> UInt64 {
        let transaction = try ReadTransaction(environment)
        guard let value = try transaction.get(key, in: environment.meta), value.byteCount == 16 else {
            throw StoreError(.damaged, "reading the version given last")
        }
        let version = UInt64(bigEndian: value.unsafeLoadUnaligned(as: UInt64.self))
        let complement = UInt64(bigEndian: value.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self))
        guard version == ~complement else { throw StoreError(.damaged, "reading the version given last") }
        return version
    }

    static func store(_ version: UInt64, in transaction: inout WriteTransaction, tables: Environment) throws(StoreError) {
        let value = (version.bigEndian, (~version).bigEndian)
        try transaction.put(key, withUnsafeBytes(of: value) { Array($0) }, in: tables.meta)
    }
}
