package import Engine
package import HTTPTypes

/// Entity tags (RFC 9110, 8.8.3), strong: `"<number>"`.
package enum EntityTag {
    package static func text(_ tag: EntityTagValue) -> String { "\"\(tag.number)\"" }

    /// The condition of `If-Match`; nil without the header.
    ///
    /// What is no tag of ours, weak ones included, matches nothing, so that a condition we cannot read never lets a write pass.
    package static func precondition(of headers: HTTPFields) -> Precondition? {
        guard let value = headers[.ifMatch] else { return nil }
        if value.trimmed == "*" { return .exists }
        return .tags(value.split(separator: ",").compactMap { tag(in: $0.trimmed) })
    }

    /// Whether `If-None-Match` names the present tag; compares weakly (RFC 9110, 13.1.2).
    package static func isUnmodified(_ present: EntityTagValue, headers: HTTPFields) -> Bool {
        guard let value = headers[.ifNoneMatch] else { return false }
        if value.trimmed == "*" { return present.number != 0 }
        return value.split(separator: ",").contains { text in
            let text = text.trimmed
            return tag(in: text.hasPrefix("W/") ? text.dropFirst(2) : text) == present
        }
    }

    /// A strong tag, written as we write it and not otherwise.
    private static func tag(in field: Substring) -> EntityTagValue? {
        guard field.utf8.count > 2, field.first == "\"", field.last == "\"", let number = UInt64(field.dropFirst().dropLast()),
            text(EntityTagValue(number: number)) == field
        else { return nil }
        return EntityTagValue(number: number)
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
