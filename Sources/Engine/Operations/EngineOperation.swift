import FoundationEssentials
package import Logging

/// Something that an operator asks for at the command line: a value, performed by the process that owns the data folder, be it the
/// server or the command itself.
package protocol EngineOperation: Codable, Sendable {
    associatedtype Answer: Codable & Sendable
    /// Names the operation on the socket.
    static var name: String { get }
    /// Whether it makes the data folder where there is none.
    static var makesFolder: Bool { get }
    /// Whether it wants every page of the store looked at before the store is opened.
    static var checksPages: Bool { get }

    func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer
}

extension EngineOperation {
    package static var makesFolder: Bool { false }
    package static var checksPages: Bool { false }
}

/// What goes over the socket to the server.
package struct OperationRequest<Requested: EngineOperation>: Codable {
    private let operation: String
    private let arguments: Requested

    package init(_ arguments: Requested) {
        operation = Requested.name
        self.arguments = arguments
    }

    fileprivate var requested: Requested { arguments }
}

/// What comes back.
package struct OperationReply<Answer: Codable & Sendable>: Codable, Sendable {
    private var answer: Answer?
    private var error: OperationFailure?

    package init(_ result: Result<Answer, EngineError>) {
        switch result {
        case .success(let answer): self.answer = answer
        case .failure(let error): self.error = OperationFailure(error)
        }
    }

    /// - Throws: what the operation ended in.
    package func get() throws(OperationFailure) -> Answer {
        if let answer { return answer }
        throw error ?? OperationFailure(EngineError(.internalError, "The server's reply cannot be read."))
    }
}

/// Why an operation failed, as the command line shows it.
package struct OperationFailure: Error, Codable, Sendable, CustomStringConvertible {
    /// An argument that was wrong.
    package struct Violation: Codable, Sendable {
        /// JSON Pointer to the argument.
        package let pointer: String
        package let detail: String
    }

    /// Whether the arguments were wrong, not the state of things.
    package let isUsage: Bool
    /// What was wrong with them; empty where it was the state of things.
    package let violations: [Violation]
    package let description: String

    package init(_ error: EngineError) {
        isUsage = error.code == .invalid
        violations = error.violations.map { Violation(pointer: $0.pointer, detail: $0.detail) }
        description = error.reason
    }
}

/// The operations that the server performs for commands beside it.
package struct Operations: Sendable {
    let engine: AttuneEngine

    init(_ engine: AttuneEngine) {
        self.engine = engine
    }

    private static let all: [any EngineOperation.Type] = [
        CreateTenant.self, ListTenants.self, ShowTenant.self, SetTenant.self, SuspendTenant.self, ExportTenant.self, DeleteTenant.self,
        ListDeletedTenants.self,
        PreviewTenantDeletion.self, PreviewErasure.self, PreviewSplit.self, SplitUser.self,
        CreateKey.self, ListKeys.self, ShowKey.self, RotateKey.self, RevokeKey.self,
        MintToken.self, RotateTokenKey.self,
        ShowUser.self, ListUserItems.self, ExportUser.self, ImportUser.self, EraseUser.self, EraseUsers.self, AnonymizeUser.self,
        VerifyReceipt.self, VerifyAudit.self, ListPrivacyRequests.self, CompactStore.self, ExportLedger.self,
        ShowProcessingRecords.self, ShowExposure.self, ImportEvents.self, ImportProducts.self,
        GetPlaybook.self, PutPlaybook.self,
        BackUp.self, Diagnose.self, RotateMasterKey.self, RotateWrappingKey.self,
        FillDemonstration.self,
    ]

    private struct Head: Decodable {
        let operation: String
    }

    /// - Parameter json: an `OperationRequest`.
    /// - Returns: an `OperationReply`.
    package func perform(json: [UInt8], logger: Logger) async -> [UInt8] {
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(json)),
            let operation = Self.all.first(where: { $0.name == head.operation })
        else {
            let error = EngineError(.invalid, "The server does not know this operation. Is it of another version?")
            return Self.encode(OperationReply<Bool>(.failure(error)))
        }
        logger.info("operation", metadata: ["operation": "\(operation.name)"])
        return await withTaskExecutorPreference(OperationsExecutor.shared) {
            await perform(operation, json)
        }
    }

    private func perform<Requested: EngineOperation>(_: Requested.Type, _ json: [UInt8]) async -> [UInt8] {
        guard let request = try? JSONDecoder().decode(OperationRequest<Requested>.self, from: Data(json)) else {
            return Self.encode(OperationReply<Bool>(.failure(EngineError(.invalid, "The operation's arguments cannot be read."))))
        }
        do throws(EngineError) {
            return Self.encode(OperationReply(.success(try await request.requested.perform(on: engine))))
        } catch {
            return Self.encode(OperationReply<Requested.Answer>(.failure(error)))
        }
    }

    private static func encode(_ reply: some Encodable) -> [UInt8] {
        (try? JSONEncoder().encode(reply)).map { Array($0) } ?? []
    }
}

/// The answer of an operation that has none.
package struct Done: Codable, Sendable {
    package let done: Bool

    init() {
        done = true
    }
}
