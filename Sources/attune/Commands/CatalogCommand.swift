import ArgumentParser
import Engine

struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Import products from files.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import products from CSV or JSON lines; each replaces the product with its id.",
            discussion: """
                Columns of CSV: id, name, category, price (19.99), tags (separated by |), and available (yes or no); every other column \
                becomes an attribute. Commas, semicolons, and tabs are recognized as separators, UTF-8 and UTF-16 as encodings, and gzip \
                as compression.

                Refused lines are reported with their numbers and reasons; the others are imported, and the command exits with 2.

                EXAMPLES
                  attune catalog import --tenant acme products.csv
                  attune catalog import --tenant acme products.csv --rejects refused.csv
                """)

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "A file to write refused lines to.") var rejects: String?
        @Argument(help: "The file to read; - is standard input.") var file: String

        /// What `--json` prints.
        private struct Report: Encodable {
            var stored = 0
            var rejected = 0
            var refusals: [RefusedLines.Line] = []
            var seconds = 0.0
        }

        func run() async throws {
            try await exiting {
                let importer = try FileImport(file, .products, rejects: rejects, resumesFor: nil)
                var report = Report()
                let session = OperationSession(settings: try Settings(global.flags))
                try await importer.run(session) { lines in
                    let answer = try await session.run(ImportProducts(tenant: tenant, lines: lines))
                    report.stored += answer.stored
                    return answer.refused
                }
                (report.rejected, report.refusals, report.seconds) = (importer.refused.count, importer.refused.listed, importer.seconds)
                try global.show(report) { report in
                    let refused = report.rejected > 0 ? ", \(Wording.grouped(report.rejected)) refused" : ""
                    return "\(Wording.count(report.stored, "product")) imported\(refused). \(importer.rate)"
                }
                try importer.refused.finish()
            }
        }
    }
}
