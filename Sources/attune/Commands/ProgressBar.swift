import Foundation
import Glibc

/// A line on standard error that shows how far a long command has come; nothing where that is no terminal.
struct ProgressBar {
    private static let cells = 30

    private let total: Int
    private let label: String
    private let isShown = isatty(STDERR_FILENO) == 1

    init(total: Int, label: String) {
        self.total = max(total, 1)
        self.label = label
    }

    mutating func advance(to done: Int) {
        guard isShown else { return }
        let full = done * Self.cells / total
        write("\r[\(String(repeating: "#", count: full))\(String(repeating: " ", count: Self.cells - full))] \(done)/\(total) \(label)")
    }

    mutating func finish() {
        if isShown { write("\n") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
