import Store

extension LMDBEngine {
    /// Every user of a tenant whose partition opens: for operators' work, which may hold them all at once.
    func users(of tenant: TenantNumber) throws(EngineError) -> [UserID] {
        var (users, last): ([UserID], PartitionAddress?) = ([], nil)
        do throws(StoreError) {
            while true {
                let page = try partitions(of: tenant, after: last, limit: StoreLimits.itemsPerQueryMax)
                for address in page {
                    if let user = try name(of: address).flatMap({ Keyspace.user(ofPartition: $0) }) { users.append(user) }
                }
                guard let end = page.last else { return users }
                last = end
            }
        } catch {
            throw EngineError(error)
        }
    }
}
