import FoundationEssentials

/// What OpenDSR 2.0 answers and calls back with.
package enum OpenDSRDocument {
    /// Members in the order of their names, so that the bytes follow from the content.
    static func encode(_ value: some Encodable) throws(EngineError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw EngineError(.internalError, "An answer could not be written.")
        }
    }

    /// What is spoken under which names, whatever a request says.
    static func apiVersion(isLegacy: Bool) -> String { isLegacy ? "1.0" : "2.0" }

    package struct Discovery: Encodable, Sendable {
        struct Identity: Encodable, Sendable {
            let identityType: String
            let identityFormat: String
        }

        let apiVersion: String
        let supportedIdentities: [Identity]
        let supportedSubjectRequestTypes: [String]
        let supportedRegulations: [String]
        let processorCertificate: String
    }

    /// Of a request that was taken. `processor_signature` is added behind it.
    struct Received: Encodable {
        let apiVersion: String
        let controllerId: String
        let encodedRequest: String
        let expectedCompletionTime: String
        let receivedTime: String
        let subjectRequestId: String
    }

    /// Of one that was cancelled. `processor_signature` is added behind it.
    struct Cancelled: Encodable {
        let apiVersion: String
        let controllerId: String
        let receivedTime: String
        let subjectRequestId: String
    }

    struct Status: Encodable {
        let apiVersion: String
        let controllerId: String
        let expectedCompletionTime: String
        let requestStatus: String
        /// Where they can be fetched, with a key of the tenant's; while they are there.
        let resultsUrl: String?
        let resultsCount: UInt32?
        /// Of a callback.
        var statusCallbackUrl: String?
        let subjectRequestId: String
    }
}
