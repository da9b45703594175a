import ArgumentParser
import Engine
import Foundation

struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy", abstract: "Check receipts and logs, see what is being erased, compact the store.",
        subcommands: [Requests.self, Verify.self, AuditVerify.self, Ledger.self, Compact.self, Records.self, Exposure.self])

    struct Requests: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the requests of data subjects, the newest first, with the days left for answering.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Flag(help: "Leave out what has ended.") var open = false

        func run() async throws {
            try await global.perform(ListPrivacyRequests(tenant: tenant, openOnly: open)) { requests in
                requests.isEmpty ? "There are no requests." : requests.map(\.line).joined(separator: "\n")
            }
        }
    }

    struct Records: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the records of processing (GDPR, Art. 30), as tenant and server are set up.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(ShowProcessingRecords(tenant: tenant), text: GlobalOptions.pretty)
        }
    }

    struct Exposure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a key or a token could have read in a window (GDPR, Art. 33).",
            discussion: "EXAMPLE\n  attune privacy exposure --tenant acme --credential KEYID --from 2026-11-01T00:00:00Z")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A key's id or a token's jti.") var credential: String
        @Option(help: "When the window begins (RFC 3339); else with the credential.") var from: String?
        @Option(help: "When it ends; else now.") var to: String?

        func run() async throws {
            let operation = ShowExposure(tenant: tenant, credential: credential, from: from, to: to)
            try await global.perform(operation, text: GlobalOptions.pretty)
        }
    }

    struct Ledger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write who was erased, by keyed digests, into a file for `attune restore --ledger`.")
        @OptionGroup var global: GlobalOptions
        @Option(name: .short, help: "The file.") var output: String

        func run() async throws {
            try await global.perform(ExportLedger(path: Settings.absolute(output))) { "Wrote \($0.entries) entries." }
        }
    }

    struct Compact: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reload the live records into a fresh file while serving, and overwrite the old one.",
            discussion: """
                What was erased is unreadable before, for its keys are destroyed; this takes its ciphertext off the disk, too, and gives
                the room back. The server does it by itself every ATTUNE_COMPACT_HOURS where there is something to gain.
                """)
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await global.perform(CompactStore()) { done in
                let waited = (done.readersWaitedMilliseconds * 10).rounded() / 10
                let stood = (done.writersWaitedMilliseconds * 10).rounded() / 10
                return """
                    Copied \(done.records) records: \(done.bytesBefore) bytes before, \(done.bytesAfter) after.
                    Readers waited \(waited) ms, writers \(stood) ms.
                    """
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-receipt", abstract: "Check a receipt: its signature, its place in the log, the log's checkpoint.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt, as it was given out.") var file: String

        func run() async throws {
            try await exiting {
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(VerifyReceipt(json: try Self.read(file)))
                try global.show(answer) { $0.valid ? "The receipt is valid." : "The receipt is not valid: \($0.reason ?? "")" }
                if !answer.valid { throw ExitCode(1) }
            }
        }

        fileprivate static func read(_ file: String) throws -> String {
            guard let data = FileManager.default.contents(atPath: Settings.absolute(file)), let text = String(data: data, encoding: .utf8)
            else {
                throw OperationFailure(EngineError(.notFound, "The file cannot be read."))
            }
            return text
        }
    }

    struct AuditVerify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit-verify", abstract: "Check a tenant's log from its first entry to its last.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A checkpoint or a receipt kept earlier: the log must still contain it.") var checkpoint: String?

        func run() async throws {
            try await exiting {
                let kept = try checkpoint.map { try Verify.read($0) }
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(VerifyAudit(tenant: tenant, checkpoint: kept))
                try global.show(answer) {
                    $0.valid ? "The log of \($0.treeSize) entries is whole." : "The log is not whole: \($0.reason ?? "")"
                }
                if !answer.valid { throw ExitCode(1) }
            }
        }
    }
}

extension DataRequestDocument {
    fileprivate var line: String {
        let rest =
            switch daysLeft {
            case .some(let days) where days < 0: "\(-days) days late"
            case .some(let days): "\(days) days left, until \(dueOn)\(`extension` == nil ? "" : " (extended)")"
            case nil: "\(completedAt ?? "")\(overdue ? ", late" : "")"
            }
        let parts = [id, type, source, "\(status)\(blockedBy.map { ", blocked by a \($0)" } ?? "")", "received \(receivedAt)", rest]
        return (parts + [receiptId].compactMap(\.self)).joined(separator: "  ")
    }
}
