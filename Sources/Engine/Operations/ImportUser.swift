import FoundationEssentials

/// Takes over a person from a user's export as JSON.
package struct ImportUser: EngineOperation {
    package static let name = "user.import"
    private let tenant: String
    /// Absolute, since the server's working folder is another.
    private let path: String

    package typealias Answer = UserImport.Answer

    package init(tenant: String, path: String) {
        (self.tenant, self.path) = (tenant, path)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= Limits.userImportBytesMax else { throw .invalid("/file", "must be at most 1 GB large") }
        guard let data = FileManager.default.contents(atPath: path) else { throw EngineError(.notFound, "The file cannot be read.") }
        guard let tape = JSONTape(Array(data)) else { throw .invalid("/file", "must hold JSON") }
        return try await UserImport(scope, tape.root).run(undoingBy: engine.erasures)
    }
}
