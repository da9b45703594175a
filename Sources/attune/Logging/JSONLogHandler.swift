import Engine
import Foundation
import Logging

/// Writes each log entry as one line of JSON to standard error: `time`, `level`, `message`, `logger`, and the metadata.
struct JSONLogHandler: LogHandler {
    /// What never changes. It keeps the handler at three words, which lie within a `Logger`: one is copied at each request.
    private final class Fixed: Sendable {
        let label: String
        let metadataProvider: Logger.MetadataProvider?

        init(label: String, metadataProvider: Logger.MetadataProvider?) {
            self.label = label
            self.metadataProvider = metadataProvider
        }
    }

    private var fixed: Fixed
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    /// A member of the line. Numbers and truth values stay what they are, so that logs can be searched by them.
    private enum Value: Encodable {
        case text(String)
        case integer(Int)
        case number(Double)
        case truth(Bool)

        init(_ value: Logger.Metadata.Value) {
            switch value {
            case .stringConvertible(let integer as Int): self = .integer(integer)
            case .stringConvertible(let number as Double) where number.isFinite: self = .number(number)
            case .stringConvertible(let truth as Bool): self = .truth(truth)
            default: self = .text(value.description)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .integer(let integer): try container.encode(integer)
            case .number(let number): try container.encode(number)
            case .truth(let truth): try container.encode(truth)
            }
        }
    }

    init(label: String, level: Logger.Level) {
        fixed = Fixed(label: label, metadataProvider: nil)
        logLevel = level
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { fixed.metadataProvider }
        set { fixed = Fixed(label: fixed.label, metadataProvider: newValue) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: [String: Value] = [
            "time": .text(Timestamp.now.rfc3339), "level": .text(event.level.rawValue), "logger": .text(fixed.label),
            "message": .text(event.message.description),
        ]
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all where line[key] == nil { line[key] = Value(value) }
        if let error = event.error { line["error"] = .text("\(type(of: error))") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(line) else { return }
        // A log that cannot be written (a full disk, a reader that is gone) must not end the server.
        try? FileHandle.standardError.write(contentsOf: json + Data("\n".utf8))
    }
}
