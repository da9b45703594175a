import ArgumentParser
import Foundation
import Glibc

/// The lines that an import has refused: named on standard error, and written to the file of `--rejects` as they stood.
final class RefusedLines {
    /// How many are named on standard error.
    private static let namedMax = 20
    /// How many `--json` carries.
    private static let listedMax = 10_000
    /// An import that has left lines out.
    static let exitStatus: Int32 = 2

    struct Line: Encodable {
        let line: Int
        let reason: String
    }

    private(set) var listed: [Line] = []
    private(set) var count = 0
    private var file: FileHandle?
    private let path: String?
    private let preamble: [UInt8]

    /// - Parameters:
    ///   - path: as it was given; nil: they are not written.
    ///   - goesOn: whether the file has lines of an import that was stopped.
    init(path: String?, besides input: String, preamble: [UInt8], goesOn: Bool) throws {
        (self.path, self.preamble) = (path, preamble)
        guard let path else { return }
        let target = Settings.absolute(path)
        guard !Self.isSameFile(target, Settings.absolute(input)) else {
            throw CommandFailure("--rejects names the file that is imported; choose another", status: EX_USAGE)
        }
        let descriptor = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | (goesOn ? O_APPEND : O_TRUNC), 0o600)
        guard descriptor >= 0 else { throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))") }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        isBegun = goesOn
    }

    private var isBegun = false

    func add(_ entry: ImportEntry, _ reason: String) throws {
        count += 1
        if count <= Self.namedMax { StandardError.line("line \(entry.line): \(reason)") }
        if listed.count < Self.listedMax { listed.append(Line(line: entry.line, reason: reason)) }
        guard let file, let path else { return }
        do {
            if !isBegun, !preamble.isEmpty { try file.write(contentsOf: preamble + [0x0A]) }
            isBegun = true
            try file.write(contentsOf: entry.raw + [0x0A])
        } catch {
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// Tells how many there were.
    /// - Throws: the exit status 2 where there were any.
    func finish() throws {
        guard count > 0 else { return }
        let unnamed = count > Self.namedMax ? "; \(Wording.grouped(count - Self.namedMax)) of them are not named here" : ""
        let written = path.map { ", and written to \($0)" } ?? "; --rejects FILE writes them to a file"
        StandardError.line("\(Wording.count(count, "line was", "lines were")) refused\(unnamed)\(written)")
        throw ExitCode(Self.exitStatus)
    }

    private static func isSameFile(_ left: String, _ right: String) -> Bool {
        var (one, other) = (stat(), stat())
        return stat(left, &one) == 0 && stat(right, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev
            && one.st_mode & S_IFMT == S_IFREG
    }
}
