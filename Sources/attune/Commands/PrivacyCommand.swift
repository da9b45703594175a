import ArgumentParser
import Engine
import Foundation

struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy", abstract: "List data requests, verify receipts and audit logs, and compact the store.",
        subcommands: [Requests.self, Verify.self, AuditVerify.self, Ledger.self, Compact.self, Records.self, Exposure.self])

    struct Requests: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List data-subject requests, newest first, with the days left to answer them.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Flag(help: "List open requests only.") var open = false

        func run() async throws {
            try await global.perform(ListPrivacyRequests(tenant: tenant, openOnly: open)) { requests in
                requests.isEmpty ? "There are no \(open ? "open " : "")requests." : DataRequestDocument.table(requests)
            }
        }
    }

    struct Records: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the records of processing (GDPR, Art. 30) for a tenant on this server.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(ShowProcessingRecords(tenant: tenant), text: GlobalOptions.pretty)
        }
    }

    struct Exposure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a key or token could have read in a period (GDPR, Art. 33).",
            discussion: "EXAMPLE\n  attune privacy exposure --tenant acme --credential KEYID --from 2026-11-01T00:00:00Z")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A key's id or a token's jti.") var credential: String
        @Option(help: "Start of the period (RFC 3339); by default, when the credential was created.") var from: String?
        @Option(help: "End of the period (RFC 3339); by default, now.") var to: String?

        func run() async throws {
            let operation = ShowExposure(tenant: tenant, credential: credential, from: from, to: to)
            try await global.perform(operation, text: GlobalOptions.pretty)
        }
    }

    struct Ledger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the erased users, as keyed digests, to a file for attune restore --ledger.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(name: .shortAndLong, help: "The file to write.") var output: String

        func run() async throws {
            try await global.perform(ExportLedger(path: Settings.absolute(output)), writing: output) {
                "Wrote \(Wording.count($0.entries, "entry", "entries")) to \(output)."
            }
        }
    }

    struct Compact: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy live records to a new store file and overwrite the old one, while the server runs.",
            discussion: """
                Erased data is unreadable at once, because its keys are destroyed. Compacting also removes its ciphertext from the \
                disk and frees the space. The server compacts every ATTUNE_COMPACT_HOURS if that gains anything.
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions

        func run() async throws {
            try await global.perform(CompactStore()) { done in
                let waited = (done.readersWaitedMilliseconds * 10).rounded() / 10
                let stood = (done.writersWaitedMilliseconds * 10).rounded() / 10
                return """
                    Copied \(Wording.count(done.records, "record")): \(Wording.grouped(done.bytesBefore)) bytes before, \
                    \(Wording.grouped(done.bytesAfter)) after.
                    Readers waited \(waited) ms, writers \(stood) ms.
                    """
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-receipt",
            abstract: "Verify a receipt: its signature, its place in the audit log, and the log's checkpoint.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The receipt as it was issued; - is standard input.") var file: String

        func run() async throws {
            try await exiting {
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(
                    VerifyReceipt(json: try TextInput(file).text()))
                try global.show(answer) { $0.valid ? "The receipt is valid." : "The receipt is not valid: \($0.reason ?? "")" }
                if !answer.valid { throw ExitCode(1) }
            }
        }
    }

    struct AuditVerify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit-verify", abstract: "Verify a tenant's audit log from its first entry to its last.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A checkpoint or receipt saved earlier, which the log must still contain.") var checkpoint: String?

        func run() async throws {
            try await exiting {
                let kept = try checkpoint.map { try TextInput($0).text() }
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(VerifyAudit(tenant: tenant, checkpoint: kept))
                try global.show(answer) {
                    $0.valid
                        ? "The audit log is intact: \(Wording.count($0.treeSize, "entry", "entries"))."
                        : "The audit log is not intact: \($0.reason ?? "")"
                }
                if !answer.valid { throw ExitCode(1) }
            }
        }
    }
}

extension DataRequestDocument {
    fileprivate static func table(_ requests: [DataRequestDocument]) -> String {
        var table = TextTable("id", "type", "source", "status", "received", "due", "left", "receipt")
        for request in requests {
            let status = "\(request.status)\(request.blockedBy.map { ", blocked by \($0)" } ?? "")"
            let due = "\(request.dueOn)\(request.extension == nil ? "" : " (extended)")"
            table.add(
                request.id, request.type, request.source, status, request.receivedAt, due, request.left, request.receiptId ?? "")
        }
        return table.text
    }

    /// How much time there is, or was.
    private var left: String {
        switch daysLeft {
        case .some(let days) where days < 0: "\(Wording.count(-days, "day")) late"
        case .some(let days): Wording.count(days, "day")
        case nil: overdue ? "answered late" : "done"
        }
    }
}
