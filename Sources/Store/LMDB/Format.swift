/// The version of the store's format, checked on opening.
///
/// To change the format: raise `current` and add a step to `migrations`. Each step runs in one transaction together with the new
/// number, so that a crash leaves the one format or the other. A folder of a newer format is refused.
package enum Format {
    /// Brings a store from the format of its key to the next.
    package typealias Migration = @Sendable (inout WriteTransaction, Environment) throws(StoreError) -> Void

    static let current: UInt64 = 1
    private static let migrations: [UInt64: Migration] = [:]
    private static let key = Array("format".utf8)

    static func bringUpToDate(_ environment: Environment) throws(StoreError) {
        try bringUpToDate(environment, to: current, by: migrations)
    }

    /// Brings a store to a format by the steps given.
    /// - Throws: `.cannotOpen` for a newer format, and where a step is missing.
    package static func bringUpToDate(
        _ environment: Environment, to target: UInt64, by migrations: [UInt64: Migration]
    ) throws(StoreError) {
        guard var format = try load(environment) else {
            guard environment.itemCount == 0 else { throw StoreError(.damaged, "reading the store's format") }
            return try commit(target, environment) { transaction, tables throws(StoreError) in
                try VersionCounter.store(0, in: &transaction, tables: tables)
            }
        }
        guard format <= target else { throw StoreError(.cannotOpen, "opening a store of a newer format") }
        while format < target {
            guard let migration = migrations[format] else { throw StoreError(.cannotOpen, "looking for a migration") }
            format += 1
            try commit(format, environment, migration)
        }
    }

    /// The format of a store; nil where nothing has been stored yet.
    package static func load(_ environment: Environment) throws(StoreError) -> UInt64? {
        let transaction = try ReadTransaction(environment)
        guard let value = try transaction.get(key, in: environment.meta) else { return nil }
        guard value.byteCount == 8 else { throw StoreError(.damaged, "reading the store's format") }
        return UInt64(bigEndian: value.unsafeLoadUnaligned(as: UInt64.self))
    }

    private static func commit(_ format: UInt64, _ environment: Environment, _ step: Migration) throws(StoreError) {
        var transaction = try WriteTransaction(environment)
        try step(&transaction, environment)
        try transaction.put(key, withUnsafeBytes(of: format.bigEndian) { Array($0) }, in: environment.meta)
        try transaction.commit()
    }
}
