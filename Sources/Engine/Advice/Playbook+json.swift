import FoundationEssentials

extension Playbook {
    /// The playbook for real-estate agents that is built in.
    package static let standard = builtIn(.realEstate)

    /// The playbook without a trade that is built in.
    package static let general = builtIn(.general)

    private static func builtIn(_ name: BuiltInPlaybook) -> Playbook {
        do throws(EngineError) {
            return try Playbook(json: name.json)
        } catch {
            preconditionFailure("the built-in playbook cannot be read")
        }
    }

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
