import Engine
import Files
import Foundation

/// Imports a file, part by part: what cannot be read, or is refused by the engine, costs itself only.
final class FileImport {
    private let file: ImportFile
    let refused: RefusedLines
    /// Entries that were refused before the engine saw them.
    private(set) var unreadable = 0

    init(_ name: String, _ content: ImportFile.Content, rejects: String?, resumesFor work: String?) throws {
        file = try ImportFile(name, content, resumesFor: work)
        refused = try RefusedLines(path: rejects, besides: name, preamble: file.preamble, goesOn: file.resumesBehind > 0)
    }

    var entries: Int { file.entriesRead }
    var seconds: Double { file.seconds }

    /// How long it took: `Read 8,254 lines in 0.5 s (17,196 per second).`
    var rate: String {
        let seconds = file.seconds
        let perSecond = Int(Double(entries) / max(seconds, 0.001))
        let rounded = (seconds * 10).rounded() / 10
        return "Read \(Wording.count(entries, "entry", "entries")) in \(rounded) s (\(Wording.grouped(perSecond)) per second)."
    }

    /// - Parameter take: has a part of the entries, as JSON each, and tells which of them were refused.
    func run(_ session: OperationSession, take: ([String]) async throws -> [RefusedLine]) async throws {
        try await session.closing {
            while let part = try file.nextPart() {
                var (lines, places): ([String], [Int]) = ([], [])
                var reasons: [Int: String] = [:]
                for (place, entry) in part.enumerated() {
                    switch entry.content {
                    case .success(let json):
                        lines.append(json)
                        places.append(place)
                    case .failure(let problem):
                        reasons[place] = problem.description
                        unreadable += 1
                    }
                }
                for line in try await take(lines) where places.indices.contains(line.index) { reasons[places[line.index]] = line.reason }
                for place in reasons.keys.sorted() { try refused.add(part[place], reasons[place] ?? "") }
                file.keepPlace()
            }
        }
        file.finish()
    }
}
