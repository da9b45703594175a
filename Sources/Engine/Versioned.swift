/// A value with the version of the item that holds it: the content of an `ETag`.
package struct Versioned<Value: Sendable>: Sendable {
    package var value: Value
    /// 0 where there is no item yet.
    package let version: UInt64

    package init(_ value: Value, version: UInt64) {
        self.value = value
        self.version = version
    }
}

/// The condition of an `If-Match` header (RFC 9110, 13.1.1).
package enum Precondition: Sendable, Equatable {
    /// `*`: any existing item.
    case exists
    /// One of the listed versions; entity tags that are none of ours are left out and match nothing.
    case versions([UInt64])

    /// - Throws: `.preconditionFailed` where the present version does not satisfy it.
    func check(_ present: UInt64) throws(EngineError) {
        let holds =
            switch self {
            case .exists: present != 0
            case .versions(let versions): versions.contains(present)
            }
        guard holds else { throw EngineError(.preconditionFailed, "The resource has changed since that version.") }
    }
}
