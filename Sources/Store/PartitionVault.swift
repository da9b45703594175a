/// Keeps a data key for every partition, outside the engine, so that destroying one erases its partition wherever copies of the
/// items lie; and knows which partitions live, so that an item's absence can be told from its loss.
package protocol PartitionVault: AnyObject, Sendable {
    /// Where a partition lies, whether or not it lives.
    /// - Throws: `.damaged` where the tenant's naming key is gone.
    func address(of partition: PartitionKey) throws(StoreError) -> PartitionAddress

    /// Whether a tenant is gone for good: its keys are destroyed and its number is never given again, so what the store still has of it
    /// is nobody's. False for one whose keys are being destroyed, which may fail.
    func isGone(_ tenant: TenantNumber) -> Bool

    /// The seal of a live partition; nil where there is none.
    func seal(at address: PartitionAddress) throws(StoreError) -> (any PartitionSeal)?

    /// Whether a partition may be live: false for certain, true for all that live or are being made and perhaps a few others. It reads no
    /// key, so that a walk over everything costs nothing of what is kept at hand.
    func mayLive(_ address: PartitionAddress) -> Bool

    /// Makes seals for new partitions. When it returns they are on disk, *reserved*: invisible to `seal(at:)`.
    func reserve(_ addresses: [PartitionAddress]) throws(StoreError) -> [any PartitionSeal]

    /// Makes reserved partitions live: their items have been committed.
    func publish(_ addresses: [PartitionAddress])

    /// Gives reserved slots back: their items have not been committed.
    func release(_ addresses: [PartitionAddress])
}

/// The data key of one partition in one life of its slot.
package protocol PartitionSeal: Sendable {
    /// Number and generation of the slot that keeps the key; bound into everything that is sealed.
    var slot: UInt32 { get }
    var generation: UInt32 { get }

    /// - Parameter context: authenticated with the payload, not stored.
    func seal(_ payload: [UInt8], context: [UInt8]) throws(StoreError) -> [UInt8]

    /// - Throws: `.damaged` where payload or context are not what was sealed.
    func open(_ sealed: RawSpan, context: [UInt8]) throws(StoreError) -> [UInt8]
}
