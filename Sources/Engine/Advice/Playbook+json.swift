import FoundationEssentials

extension Playbook {
    /// The playbook for real-estate agents that is built in.
    package static let standard: Playbook = {
        do throws(EngineError) {
            return try Playbook(json: PackageResources.playbook_json)
        } catch {
            preconditionFailure("the built-in playbook cannot be read")
        }
    }()

    /// Reads the wire form; does not check what it says (`validate()`).
    /// - Throws: `EngineError` of code `.invalid`, pointing to the member that is missing or of the wrong type.
    package init(json: [UInt8]) throws(EngineError) {
        do {
            self = try JSONDecoder().decode(Playbook.self, from: Data(json))
        } catch let error as DecodingError {
            throw .invalid([error.violation])
        } catch {
            throw .invalid("", "cannot be read")
        }
    }
}
