/// The version given last, kept with the data, so that versions never come back.
enum VersionCounter {
    private static let key = Array("sequence".utf8)

    static func load(_ environment: Environment) throws(StoreError) -> UInt64 {
        let transaction = try ReadTransaction(environment)
        guard let value = try transaction.get(key, in: environment.meta) else { return 0 }
        guard value.byteCount == 8 else { throw StoreError(.damaged, "reading the version given last") }
        return UInt64(bigEndian: value.unsafeLoadUnaligned(as: UInt64.self))
    }

    static func store(_ version: UInt64, in transaction: inout WriteTransaction, tables: Environment) throws(StoreError) {
        try transaction.put(key, withUnsafeBytes(of: version.bigEndian) { Array($0) }, in: tables.meta)
    }
}
