/// The attributes of an item or a map, in DynamoDB's typed JSON: `{"S":…}`, `{"N":"…"}`, `{"M":{…}}`, `{"L":[…]}`, `{"SS":[…]}`.
struct ExportedAttributes {
    private let view: JSONView

    init(_ view: JSONView) {
        self.view = view
    }

    func text(_ name: String) -> String? { view.member(name)?.member("S")?.string }

    func number(_ name: String) -> Double? { view.member(name)?.member("N")?.string.flatMap { Double($0) } }

    func count(_ name: String) -> UInt64? { number(name).flatMap { UInt64(exactly: $0) } }

    func time(_ name: String) -> Timestamp? { view.member(name).flatMap { Value($0).moment } }

    /// Whether one of these times, wherever it stands in here, is there and cannot be read, or is more than a day ahead.
    func holdUnreadableTime(named names: Set<String>, now: Timestamp) -> Bool {
        members.contains { name, value in
            if names.contains(name), !value.isNull {
                guard let moment = value.moment, moment <= now.adding(seconds: 86_400) else { return true }
            }
            if value.map?.holdUnreadableTime(named: names, now: now) ?? false { return true }
            return value.list.contains { $0.map?.holdUnreadableTime(named: names, now: now) ?? false }
        }
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

        /// The elements of a list.
        var list: [Value] { view.member("L")?.elements.map { Value($0) } ?? [] }

        /// `{"NULL":true}`.
        var isNull: Bool { view.member("NULL")?.bool ?? view.isNull }

        /// A text as `Timestamp(foreign:)` reads it, or the number of seconds or milliseconds since 1970.
        var moment: Timestamp? { (view.member("S") ?? view.member("N"))?.string.flatMap { Timestamp(foreign: $0) } }

        var map: ExportedAttributes? { view.member("M").map { ExportedAttributes($0) } }

        var count: UInt64? { view.member("N")?.string.flatMap { Double($0) }.flatMap { UInt64(exactly: $0) } }
    }
}
