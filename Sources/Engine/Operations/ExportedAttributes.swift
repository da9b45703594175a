/// The attributes of an item or a map, in DynamoDB's typed JSON: `{"S":…}`, `{"N":"…"}`, `{"M":{…}}`, `{"L":[…]}`, `{"SS":[…]}`.
struct ExportedAttributes {
    private let view: JSONView

    init(_ view: JSONView) {
        self.view = view
    }

    func text(_ name: String) -> String? { view.member(name)?.member("S")?.string }

    func number(_ name: String) -> Double? { view.member(name)?.member("N")?.string.flatMap { Double($0) } }

    func count(_ name: String) -> UInt64? { number(name).flatMap { UInt64(exactly: $0) } }

    /// RFC 3339, or milliseconds since 1970.
    func time(_ name: String) -> Timestamp? {
        if let text = text(name) { return Timestamp(rfc3339: text) }
        return number(name).flatMap { Int64(exactly: $0) }.map { Timestamp(milliseconds: $0) }
    }

    /// A moment that is not ahead; one that is counts as now.
    func past(_ name: String, _ now: Timestamp) -> Timestamp? { time(name).map { min($0, now) } }

    /// Members of a map by name.
    var members: [(name: String, value: Value)] {
        var members: [(name: String, value: Value)] = []
        view.forEachMember { members.append(($0, Value($1))) }
        return members
    }

    func map(_ name: String) -> ExportedAttributes? { view.member(name)?.member("M").map { ExportedAttributes($0) } }

    func list(_ name: String) -> [ExportedAttributes] {
        view.member(name)?.member("L")?.elements.compactMap { $0.member("M").map { ExportedAttributes($0) } } ?? []
    }

    func texts(_ name: String) -> [String] { view.member(name).map { Value($0).texts } ?? [] }

    func values(_ name: String) -> [Value] { view.member(name)?.member("L")?.elements.map { Value($0) } ?? [] }

    /// One value.
    struct Value {
        private let view: JSONView

        init(_ view: JSONView) {
            self.view = view
        }

        /// A list of strings, or a set.
        var texts: [String] {
            if let set = view.member("SS") { return set.elements.compactMap(\.string) }
            return view.member("L")?.elements.compactMap { $0.member("S")?.string } ?? []
        }

        var map: ExportedAttributes? { view.member("M").map { ExportedAttributes($0) } }

        var count: UInt64? { view.member("N")?.string.flatMap { Double($0) }.flatMap { UInt64(exactly: $0) } }
    }
}
