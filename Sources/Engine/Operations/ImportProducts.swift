import FoundationEssentials

/// Puts a part of a file of products into the catalog.
package struct ImportProducts: EngineOperation {
    package static let name = "catalog.import"
    private let tenant: String
    /// A JSON object each.
    private let lines: [String]

    package struct Answer: Codable, Sendable {
        package var stored = 0
        package var refused: [RefusedLine] = []
    }

    package init(tenant: String, lines: [String]) {
        self.tenant = tenant
        self.lines = lines
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        var answer = Answer()
        var products: [Product] = []
        for (index, line) in lines.enumerated() {
            switch Self.product(line) {
            case .success(let product): products.append(product)
            case .failure(let error): answer.refused.append(RefusedLine(index: index, reason: error.reason))
            }
        }
        try await engine.catalog.put(scope, products)
        answer.stored = products.count
        return answer
    }

    private static func product(_ line: String) -> Result<Product, EngineError> {
        guard let tape = JSONTape(Array(line.utf8)) else { return .failure(EngineError(.invalid, RefusedLine.malformed)) }
        do throws(EngineError) {
            let product = try Product(json: tape.root, id: nil, pointer: "")
            let violations = product.violations()
            return violations.isEmpty ? .success(product) : .failure(.invalid(violations))
        } catch {
            return .failure(error)
        }
    }
}

/// A line of an import that was not taken.
package struct RefusedLine: Codable, Sendable, Equatable {
    /// Of the lines that came together, from 0.
    package let index: Int
    /// For people: what to mend.
    package let reason: String

    static let malformed = "is not valid JSON"

    init(index: Int, reason: String) {
        (self.index, self.reason) = (index, reason)
    }
}

extension EngineError {
    /// What is wrong, member by member: `price must be a number; name is missing`.
    var reason: String {
        guard !violations.isEmpty else { return detail }
        let parts = violations.map { violation in
            let member = violation.pointer.dropFirst().replacing("/", with: ".")
            return member.isEmpty ? violation.detail : "\(member) \(violation.detail)"
        }
        return parts.joined(separator: "; ")
    }
}
