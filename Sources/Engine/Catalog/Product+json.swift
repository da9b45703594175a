/// A product as callers and imports write it.
extension Product {
    /// - Parameters:
    ///   - id: where it stands outside of the object; nil: it is the member `id`.
    ///   - pointer: of the object in its document.
    /// - Throws: `.invalid` with everything that is of a wrong type or missing.
    package init(json view: JSONView, id: String?, pointer: String) throws(EngineError) {
        guard view.kind == .object else { throw .invalid(pointer, "must be an object") }
        var violations: [EngineError.Violation] = []
        func refuse(_ member: String, _ detail: String) {
            violations.append(.init(pointer: "\(pointer)/\(member)", detail: detail))
        }
        func text(_ member: String) -> String {
            guard let value = view.member(member) else {
                refuse(member, "is missing")
                return ""
            }
            if value.string == nil { refuse(member, "must be a string") }
            return value.string ?? ""
        }
        let written = view.member("id")
        let ownID = id ?? written?.string ?? written?.integer.map { String($0) }
        if ownID == nil { refuse("id", written == nil ? "is missing" : "must be a string or an integer of 64 bits") }
        self.init(id: ownID ?? "", name: text("name"), category: text("category"))
        if let value = view.member("price") {
            price = value.number
            if price == nil { refuse("price", "must be a number") }
        }
        if let value = view.member("tags") {
            tags = value.elements.compactMap(\.string)
            if value.kind != .array || tags.count != value.elements.count { refuse("tags", "must be an array of strings") }
        }
        if let value = view.member("attributes") {
            attributes = value.kind == .object ? Array(value.raw) : []
            if value.object == nil { refuse("attributes", "must be an object") }
        }
        if let value = view.member("available") {
            isAvailable = value.bool ?? true
            if value.bool == nil { refuse("available", "must be true or false") }
        }
        if !violations.isEmpty { throw .invalid(violations) }
    }
}
