import Glibc
import Logging

/// Sets up the logs: on standard error, as JSON, or as text on a terminal.
func bootstrapLogging(_ settings: Settings) {
    let format = settings.logFormat ?? (isatty(STDERR_FILENO) == 1 ? "text" : "json")
    let level = settings.logLevel
    LoggingSystem.bootstrap { label in
        if format == "json" { return JSONLogHandler(label: label, level: level) }
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }
}
