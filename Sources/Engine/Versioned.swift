/// A value with the version of the item that holds it.
package struct Versioned<Value: Sendable>: Sendable {
    package var value: Value
    /// 0 where there is no item yet.
    package let version: UInt64

    package init(_ value: Value, version: UInt64) {
        self.value = value
        self.version = version
    }
}

/// A version as the world sees it, the content of an `ETag`: a keyed digest of it, since versions count every write of the
/// installation and would tell one tenant how busy the others are.
package struct EntityTagValue: Hashable, Sendable {
    /// 0 where there is no item yet.
    package let number: UInt64

    package init(number: UInt64) {
        self.number = number
    }
}

extension Scope {
    /// The tag of somebody who is there, by several items of theirs, of which there need be none.
    func entityTag(of user: UserID, _ versions: [UInt64]) -> EntityTagValue {
        let bytes = versions.flatMap { version in withUnsafeBytes(of: version.bigEndian) { Array($0) } } + user.bytes
        return EntityTagValue(number: ((try? tenant.table.number("entity-tags", bytes)) ?? 0) | 1)
    }

    package func entityTag(_ version: UInt64) -> EntityTagValue {
        guard version != 0, let digest = try? tenant.table.digest(of: version) else { return EntityTagValue(number: 0) }
        return EntityTagValue(number: digest)
    }
}

/// The condition of an `If-Match` header (RFC 9110, 13.1.1).
package enum Precondition: Sendable, Equatable {
    /// `*`: any existing item.
    case exists
    /// One of the listed tags; entity tags that are none of ours are left out and match nothing.
    case tags([EntityTagValue])

    /// - Throws: `.preconditionFailed` where the present version does not satisfy it.
    func check(_ present: UInt64, _ scope: Scope) throws(EngineError) {
        try check(scope.entityTag(present))
    }

    func check(_ present: EntityTagValue) throws(EngineError) {
        let holds =
            switch self {
            case .exists: present.number != 0
            case .tags(let tags): tags.contains(present)
            }
        guard holds else { throw EngineError(.preconditionFailed, "The resource has changed since that version.") }
    }
}
