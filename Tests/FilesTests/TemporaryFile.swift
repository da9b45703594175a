import Foundation

/// A file that lasts as long as the test looks at it.
final class TemporaryFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("attune-\(UUID().uuidString)").path

    init(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
