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

extension DecodingError {
    /// Where and what, in static text.
    fileprivate var violation: EngineError.Violation {
        switch self {
        case .keyNotFound(let key, let context):
            EngineError.Violation(pointer: Self.pointer(context.codingPath + [key]), detail: "is missing")
        case .typeMismatch(_, let context):
            EngineError.Violation(pointer: Self.pointer(context.codingPath), detail: "has the wrong type")
        case .valueNotFound(_, let context):
            EngineError.Violation(pointer: Self.pointer(context.codingPath), detail: "must not be null")
        case .dataCorrupted(let context):
            EngineError.Violation(
                pointer: Self.pointer(context.codingPath), detail: context.codingPath.isEmpty ? "is not valid JSON" : "is not accepted here"
            )
        @unknown default:
            EngineError.Violation(pointer: "", detail: "cannot be read")
        }
    }

    private static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            let name = key.intValue.map { String($0) } ?? key.stringValue
            return "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
    }
}
