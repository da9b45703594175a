/// Something that a tenant offers, as events refer to it.
package struct Product: Sendable, Equatable {
    package let id: String
    package var name: String
    package var category: String
    package var price: Double?
    package var tags: [String]
    /// A JSON object as it was sent; empty: none.
    package var attributes: [UInt8]
    package var isAvailable: Bool

    package init(
        id: String, name: String, category: String, price: Double? = nil, tags: [String] = [], attributes: [UInt8] = [],
        isAvailable: Bool = true
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.price = price
        self.tags = tags
        self.attributes = attributes
        self.isAvailable = isAvailable
    }

    /// What is wrong; empty: nothing.
    /// - Parameter pointer: of the product in the body.
    package func violations(at pointer: String = "") -> [EngineError.Violation] {
        var found: [EngineError.Violation?] = [
            ProfileValidation.nameViolation(name, charactersMax: Limits.productNameCharactersMax, pointer: pointer + "/name"),
            ProfileValidation.nameViolation(category, charactersMax: Limits.categoryCharactersMax, pointer: pointer + "/category"),
        ]
        func check(_ holds: Bool, _ member: String, _ detail: String) {
            if !holds { found.append(.init(pointer: pointer + member, detail: detail)) }
        }
        check(Self.isID(id), "/id", "must be 1 to 256 bytes, without control characters")
        check(price.map { $0 >= 0 && $0.isFinite } ?? true, "/price", "must be a finite number that is not negative")
        check(tags.count <= Limits.productTagsMax, "/tags", "must hold at most 100 tags")
        check(attributes.count <= Limits.productAttributesBytesMax, "/attributes", "must be at most 16 KB long")
        for (place, tag) in tags.prefix(Limits.productTagsMax).enumerated() {
            found.append(
                ProfileValidation.nameViolation(tag, charactersMax: Limits.categoryCharactersMax, pointer: "\(pointer)/tags/\(place)"))
        }
        return found.compactMap(\.self)
    }

    static func isID(_ id: String) -> Bool {
        (1...Limits.objectIDBytesMax).contains(id.utf8.count) && !ControlCharacters.areIn(id.utf8)
    }
}
