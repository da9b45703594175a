import Engine
import Foundation
import Gzip

/// A file of lines, read in parts, with a bar that says how far it has come and a mark beside it from which a stopped import goes on.
final class LineFile {
    private static let linesPerPart = 2000
    private static let bytesPerPart = 4 << 20
    private static let bytesPerRead = 1 << 16

    private let file: FileHandle
    private let bytesTotal: UInt64
    private let markPath: String?
    private let mark: String
    private var inflater: GzipStream?
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var linesRead = 0
    private let linesToSkip: Int

    /// - Parameter work: what the lines are read for, so that the mark of another import is not taken for this one's; nil: without a mark.
    init(path: String, resumesFor work: String?) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw OperationFailure(EngineError(.notFound, "There is no file at \(path)."))
        }
        self.file = file
        bytesTotal = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64) ?? 0
        markPath = work.map { _ in path + ".attune-import" }
        mark = "\(work ?? "") \(bytesTotal)"
        inflater = path.hasSuffix(".gz") ? try GzipStream() : nil
        let written = markPath.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }?.split(separator: "\n") ?? []
        linesToSkip = written.count == 2 && written[0] == mark ? Int(written[1]) ?? 0 : 0
    }

    /// The next lines; nil at the end.
    func next() throws -> [String]? {
        while true {
            var (lines, bytes): ([String], Int) = ([], 0)
            while lines.count < Self.linesPerPart, bytes < Self.bytesPerPart, let line = try nextLine() {
                linesRead += 1
                guard linesRead > linesToSkip else { continue }
                lines.append(line)
                bytes += line.utf8.count
            }
            showProgress()
            return lines.isEmpty ? nil : lines
        }
    }

    /// Notes that all lines read so far are done with.
    func keepPlace() throws {
        guard let markPath else { return }
        try Data("\(mark)\n\(linesRead)\n".utf8).write(to: URL(fileURLWithPath: markPath), options: .atomic)
    }

    func finish() throws {
        if let markPath { try? FileManager.default.removeItem(atPath: markPath) }
        if isatty(STDERR_FILENO) == 1 { try FileHandle.standardError.write(contentsOf: Data("\n".utf8)) }
    }

    private func nextLine() throws -> String? {
        while true {
            if let end = rest[searchedTo...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[start..<end], as: UTF8.self)
                start = end + 1
                searchedTo = start
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            searchedTo = rest.count
            if isAtEnd {
                defer { start = rest.count }
                return start < rest.count ? String(decoding: rest[start...], as: UTF8.self) : nil
            }
            try readMore()
        }
    }

    private var start = 0
    private var searchedTo = 0

    private func readMore() throws {
        rest.removeFirst(start)
        searchedTo -= start
        start = 0
        guard let data = try file.read(upToCount: Self.bytesPerRead), !data.isEmpty else {
            isAtEnd = true
            try inflater?.end()
            return
        }
        if let inflater { rest += try inflater.inflate(Array(data)) } else { rest += data }
    }

    private func showProgress() {
        guard isatty(STDERR_FILENO) == 1, bytesTotal > 0 else { return }
        let share = min(1, Double((try? file.offset()) ?? 0) / Double(bytesTotal))
        let bar = String(repeating: "#", count: Int(share * 40)).padding(toLength: 40, withPad: ".", startingAt: 0)
        try? FileHandle.standardError.write(contentsOf: Data("\r[\(bar)] \(Int(share * 100)) %  \(linesRead) lines".utf8))
    }
}

/// Decompresses as it is read; a file may be of any size.
private final class GzipStream {
    private var inflater: GzipInflater

    init() throws {
        inflater = try GzipInflater(bytesMax: .max - 1)
    }

    func inflate(_ bytes: [UInt8]) throws -> [UInt8] {
        do {
            try bytes.withUnsafeBufferPointer { piece throws(GzipError) in try inflater.append(piece) }
        } catch {
            throw OperationFailure(EngineError(.damaged, "The file is no gzip, or damaged."))
        }
        return inflater.takeOutput()
    }

    func end() throws {
        guard inflater.isComplete else { throw OperationFailure(EngineError(.damaged, "The file ends too early.")) }
    }
}
