import Foundation
import Glibc
import Logging

/// Sets up the logs: on standard error, as JSON, or as text on a terminal.
func bootstrapLogging(_ settings: Settings) throws {
    guard let level = Logger.Level(rawValue: settings.logLevel.lowercased()) else {
        throw SettingsError("ATTUNE_LOG_LEVEL must be trace, debug, info, notice, warning, error or critical")
    }
    let format = settings.logFormat ?? (isatty(STDERR_FILENO) == 1 ? "text" : "json")
    guard ["json", "text"].contains(format) else { throw SettingsError("ATTUNE_LOG_FORMAT must be json or text") }
    LoggingSystem.bootstrap { label in
        if format == "json" { return JSONLogHandler(label: label, level: level) }
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }
}
