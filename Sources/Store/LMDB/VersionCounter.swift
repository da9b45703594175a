/// The version given last, kept with the data, so that versions never come back.
enum VersionCounter {
    private static let key = Array("sequence".utf8)

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
