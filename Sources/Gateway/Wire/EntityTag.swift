package import Engine
package import HTTPTypes

/// Versions as entity tags (RFC 9110, 8.8.3): strong, `"<version>"`.
package enum EntityTag {
    package static func text(_ version: UInt64) -> String { "\"\(version)\"" }

    /// The condition of `If-Match`; nil without the header.
    ///
    /// What is no tag of ours, weak ones included, matches nothing, so that a condition we cannot read never lets a write pass.
    package static func precondition(of headers: HTTPFields) -> Precondition? {
        guard let value = headers[.ifMatch] else { return nil }
        if value.trimmed == "*" { return .exists }
        return .versions(value.split(separator: ",").compactMap { version(of: $0.trimmed) })
    }

    /// Whether `If-None-Match` names the present version; compares weakly (RFC 9110, 13.1.2).
    package static func isUnmodified(_ version: UInt64, headers: HTTPFields) -> Bool {
        guard let value = headers[.ifNoneMatch] else { return false }
        if value.trimmed == "*" { return version != 0 }
        return value.split(separator: ",").contains { tag in
            let tag = tag.trimmed
            return self.version(of: tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == version
        }
    }

    /// The number in a strong tag, written as we write it and not otherwise.
    private static func version(of tag: Substring) -> UInt64? {
        guard tag.utf8.count > 2, tag.first == "\"", tag.last == "\"", let number = UInt64(tag.dropFirst().dropLast()),
            text(number) == tag
        else { return nil }
        return number
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Without the blanks and tabs around it (OWS of RFC 9110).
    var trimmed: Substring {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
