/// JSON merge patches (RFC 7396, 2): an object changes the members that it names and leaves the others, `null` takes a member away, and
/// anything else takes the place of what was there.
enum MergePatch {
    /// - Parameter target: nil: there is nothing yet.
    /// - Returns: JSON.
    static func apply(_ patch: JSONView, to target: JSONView?) -> [UInt8] {
        guard patch.kind == .object else { return Array(patch.raw) }
        var members: [(name: String, value: [UInt8])] = []
        func place(of name: String) -> Int? { members.firstIndex { $0.name.hasSameBytes(as: name) } }
        var present: [(name: String, value: JSONView)] = []
        target?.forEachMember { name, value in
            present.removeAll { $0.name.hasSameBytes(as: name) }
            present.append((name, value))
        }
        for member in present { members.append((member.name, Array(member.value.raw))) }
        patch.forEachMember { name, value in
            let known = place(of: name)
            if value.isNull {
                if let known { members.remove(at: known) }
                return
            }
            let former = present.first { $0.name.hasSameBytes(as: name) }?.value
            let merged = apply(value, to: former)
            if let known { members[known].value = merged } else { members.append((name, merged)) }
        }
        var json = JSONText()
        json.object { json in
            for member in members {
                json.key(member.name)
                json.raw(member.value)
            }
        }
        return json.bytes
    }
}
