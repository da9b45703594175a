/// Takes a part of a file of events: lines of the Segment tracking protocol's JSON, one event each.
///
/// A line without a `messageId` gets one that follows from its bytes, so that a part that is sent again doubles nothing.
package struct ImportEvents: EngineOperation {
    package static let name = "events.import"
    private let tenant: String
    private let lines: [String]

    /// What the lines came to.
    package struct Answer: Codable, Sendable {
        package var accepted = 0
        package var duplicates = 0
        /// By reason.
        package var rejected: [String: Int] = [:]

        package init() {}

        package mutating func add(_ other: Answer) {
            accepted += other.accepted
            duplicates += other.duplicates
            rejected.merge(other.rejected) { $0 + $1 }
        }
    }

    package init(tenant: String, lines: [String]) {
        self.tenant = tenant
        self.lines = lines
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let tenant = try engine.tenant(named: tenant)
        let scope = engine.console(for: tenant)
        var answer = Answer()
        var events: [Result<Event, SegmentReader.Refusal>] = []
        for line in lines where !line.isEmpty {
            guard let tape = JSONTape(Array(line.utf8), isMended: true) else {
                answer.rejected["malformed", default: 0] += 1
                continue
            }
            if let item = tape.root.member("Item") {
                switch try await ProfileImport.take(item, scope) {
                case .taken: answer.accepted += 1
                case let refused: answer.rejected[refused.rawValue, default: 0] += 1
                }
                continue
            }
            let digest = try tenant.table.digest([Array("line".utf8), Array(line.utf8)])
            var reader = SegmentReader(receivedAt: scope.now) { _ in "line-\(digest)" }
            // A line of a file is not received now.
            reader.isArchive = true
            events.append(reader.event(tape.root))
        }
        for outcome in try await engine.events.take(scope, events, .init()) {
            switch outcome.status {
            case .accepted: answer.accepted += 1
            case .duplicate: answer.duplicates += 1
            case .rejected(let reason): answer.rejected[reason.rawValue, default: 0] += 1
            }
        }
        return answer
    }
}

/// Puts a part of a file of products.
package struct ImportProducts: EngineOperation {
    package static let name = "catalog.import"
    private let tenant: String
    /// A JSON object each.
    private let lines: [String]

    package struct Answer: Codable, Sendable {
        package var stored = 0
        package var rejected = 0

        package init() {}

        package mutating func add(_ other: Answer) {
            stored += other.stored
            rejected += other.rejected
        }
    }

    package init(tenant: String, lines: [String]) {
        self.tenant = tenant
        self.lines = lines
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        var products: [Product] = []
        for line in lines where !line.isEmpty {
            guard let tape = JSONTape(Array(line.utf8)), let product = try? Product(json: tape.root, id: nil, pointer: ""),
                product.violations().isEmpty
            else { continue }
            products.append(product)
        }
        try await engine.catalog.put(scope, products)
        var answer = Answer()
        answer.stored = products.count
        answer.rejected = lines.count { !$0.isEmpty } - products.count
        return answer
    }
}
