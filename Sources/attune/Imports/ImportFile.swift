import Engine
import Files
import Foundation
import Glibc

/// A file that is imported part by part, with a bar on a terminal that shows how far it has come, and a mark beside it from which a stopped
/// import goes on.
final class ImportFile {
    enum Content {
        case events, products
    }

    private static let entriesPerPart = 2000
    private static let bytesPerPart = 4 << 20

    private let name: String
    private let source: ByteSource
    private let entries: any EntryReader
    private let started = ContinuousClock.now
    /// nil where there can be no mark.
    private var markPath: String?
    private let mark: String
    /// Up to which line an import that was stopped has come.
    let resumesBehind: Int
    private var lastLine = 0
    private(set) var entriesRead = 0

    /// - Parameters:
    ///   - name: the path as it was given; `-` is standard input.
    ///   - work: what the file is read for, so that the mark of another import is not taken for this one's; nil: without a mark.
    init(_ name: String, _ content: Content, resumesFor work: String?) throws {
        self.name = name
        let path = name == "-" ? name : Settings.absolute(name)
        do throws(FileError) {
            source = try ByteSource(path: path)
            entries = try Self.reader(TextSource(source), content, name: name)
        } catch {
            throw CommandFailure("cannot read \(name): \(error)")
        }
        mark = "\(work ?? "") \(source.bytesTotal ?? 0) \(source.changedAt)"
        markPath = work != nil && source.bytesTotal != nil ? path + ".attune-import" : nil
        let written = markPath.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }?.split(separator: "\n") ?? []
        resumesBehind = written.count == 2 && written[0] == mark ? Int(written[1]) ?? 0 : 0
        if resumesBehind > 0 { StandardError.line("resuming after line \(resumesBehind)") }
        for notice in entries.notices { StandardError.line(notice) }
    }

    /// What the file of refused lines begins with.
    var preamble: [UInt8] { entries.preamble }

    /// The next entries; nil at the end.
    func nextPart() throws -> [ImportEntry]? {
        var (part, bytes): ([ImportEntry], Int) = ([], 0)
        do throws(FileError) {
            while part.count < Self.entriesPerPart, bytes < Self.bytesPerPart, let entry = try entries.next() {
                lastLine = entry.line
                guard entry.line > resumesBehind else { continue }
                part.append(entry)
                bytes += entry.raw.count
            }
        } catch {
            // What was read before goes first; the file ends in the same error again.
            if part.isEmpty { throw CommandFailure("cannot read \(name) behind line \(lastLine): \(error)") }
        }
        entriesRead += part.count
        showProgress()
        return part.isEmpty ? nil : part
    }

    /// Notes that all entries read so far are done with.
    func keepPlace() {
        guard let path = markPath else { return }
        do {
            try Data("\(mark)\n\(lastLine)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            markPath = nil
            StandardError.line("cannot write \(path), so this import cannot be resumed if it is stopped")
        }
    }

    /// Removes the mark and closes the bar.
    func finish() {
        if let markPath { try? FileManager.default.removeItem(atPath: markPath) }
        if isatty(STDERR_FILENO) == 1 { StandardError.write("\n") }
    }

    var seconds: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func reader(_ text: TextSource, _ content: Content, name: String) throws(FileError) -> any EntryReader {
        let isArray = try text.firstByte() == UInt8(ascii: "[")
        let isObject = try text.firstByte() == UInt8(ascii: "{")
        var ending = name.lowercased()
        if ending.hasSuffix(".gz") { ending.removeLast(3) }
        let saysLines = ending.hasSuffix(".jsonl") || ending.hasSuffix(".ndjson")
        let saysTable = ending.hasSuffix(".csv") || ending.hasSuffix(".tsv")
        if isArray, !saysLines { return JSONArray(text) }
        switch content {
        case .events:
            if saysTable, !isObject { throw FileError("events are imported from JSON lines, not from CSV") }
            return JSONLines(text)
        case .products:
            let isJSON = isObject || saysLines || ending.hasSuffix(".json")
            return isJSON && !(saysTable && !isObject) ? JSONLines(text) : try ProductTable(text)
        }
    }

    private func showProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let lines = Wording.count(lastLine, "line")
        guard let total = source.bytesTotal, total > 0 else { return StandardError.write("\r\(lines)") }
        let share = min(1, Double(source.bytesRead) / Double(total))
        let bar = String(repeating: "#", count: Int(share * 40)).padding(toLength: 40, withPad: ".", startingAt: 0)
        StandardError.write("\r[\(bar)] \(Int(share * 100))%  \(lines)")
    }
}
