import ArgumentParser
import Engine

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Bring events in from files.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take events from a file of JSON lines, or profiles from a DynamoDB table export.",
            discussion: """
                One event a line, as the Segment tracking protocol has it; or {"Item":{…}} lines of a DynamoDB export. A file that
                ends in .gz is decompressed. Stopped half-way, the same command goes on where it was.

                EXAMPLE
                  attune events import --tenant acme events.jsonl.gz
                """)

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file.") var file: String

        func run() async throws {
            try await exiting {
                let reading = try LineFile(path: Settings.absolute(file), resumesFor: "events \(tenant)")
                var total = ImportEvents.Answer()
                let session = OperationSession(settings: try Settings(global.flags))
                try await session.closing {
                    while let lines = try reading.next() {
                        total.add(try await session.run(ImportEvents(tenant: tenant, lines: lines)))
                        try reading.keepPlace()
                    }
                }
                try reading.finish()
                try global.show(total) { total in
                    let rejected = total.rejected.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
                    return "\(total.accepted) taken, \(total.duplicates) known already\(rejected)."
                }
            }
        }
    }
}

struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Bring products in from files.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the products of a file of JSON lines or CSV; each replaces the one of its id.",
            discussion: """
                Columns of CSV: id, name, category, price, tags (separated by |), available; any other is an attribute.

                EXAMPLE
                  attune catalog import --tenant acme products.csv
                """)

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file.") var file: String

        func run() async throws {
            try await exiting {
                let reading = try LineFile(path: Settings.absolute(file), resumesFor: nil)
                var table = file.contains(".csv") ? ProductTable() : nil
                var total = ImportProducts.Answer()
                let session = OperationSession(settings: try Settings(global.flags))
                try await session.closing {
                    while var lines = try reading.next() {
                        if table != nil { lines = try table?.objects(lines) ?? [] }
                        total.add(try await session.run(ImportProducts(tenant: tenant, lines: lines)))
                    }
                }
                try reading.finish()
                try global.show(total) { "\($0.stored) stored, \($0.rejected) refused." }
            }
        }
    }
}
