import ArgumentParser
import Engine

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Import events from files.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import events from JSON lines, or profiles from a DynamoDB table export.",
            discussion: """
                One event per line, in the format of the Segment tracking protocol, or one {"Item":{…}} of a DynamoDB export. One JSON \
                array of events is read, too. Text is UTF-8 or UTF-16; gzip is recognized. Importing a file again duplicates nothing. \
                An import that was stopped is resumed by the same command.

                Refused lines are reported with their numbers and reasons; the others are imported, and the command exits with 2.

                EXAMPLES
                  attune events import --tenant acme events.jsonl.gz
                  attune events import --tenant acme events.jsonl --rejects refused.jsonl
                  zcat 2026-*.gz | attune events import --tenant acme -
                """)

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A file to write refused lines to.") var rejects: String?
        @Argument(help: "The file to read; - is standard input.") var file: String

        /// What `--json` prints.
        private struct Report: Encodable {
            var accepted = 0
            var duplicates = 0
            var rejected: [String: Int] = [:]
            var refusals: [RefusedLines.Line] = []
            var lines = 0
            var seconds = 0.0

            mutating func add(_ answer: ImportEvents.Answer) {
                accepted += answer.accepted
                duplicates += answer.duplicates
                rejected.merge(answer.rejected) { $0 + $1 }
            }
        }

        func run() async throws {
            try await exiting {
                let importer = try FileImport(file, .events, rejects: rejects, resumesFor: "events \(tenant)")
                var report = Report()
                report.rejected["malformed"] = 0
                let session = OperationSession(settings: try Settings(global.flags))
                try await importer.run(session) { lines in
                    let answer = try await session.run(ImportEvents(tenant: tenant, lines: lines))
                    report.add(answer)
                    return answer.refused
                }
                let unread = importer.unreadable
                report.rejected["malformed", default: 0] += unread
                report.rejected = report.rejected.filter { $0.value > 0 }
                (report.refusals, report.lines, report.seconds) = (importer.refused.listed, importer.entries, importer.seconds)
                try global.show(report) { report in
                    let skipped = report.rejected["consent"].map { ", \(Wording.grouped($0)) skipped for lack of consent" } ?? ""
                    let others = report.rejected.values.reduce(0, +) - (report.rejected["consent"] ?? 0)
                    let refused = others > 0 ? ", \(Wording.grouped(others)) refused" : ""
                    return """
                        \(Wording.grouped(report.accepted)) accepted, \(Wording.grouped(report.duplicates)) already known\
                        \(skipped)\(refused). \(importer.rate)
                        """
                }
                try importer.refused.finish()
            }
        }
    }
}
