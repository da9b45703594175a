import Glibc

/// The files that this process may have open, connections among them (`RLIMIT_NOFILE`).
package enum OpenFiles {
    /// Raises the soft limit to the hard one, which needs no privilege. The usual soft limit of 1,024 is for programs that use `select`.
    /// - Returns: How many files the process may have open.
    package static func raiseLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return Int(FOPEN_MAX) }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = raised.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many connections leave enough files to the store, to commands beside the server and to outbound requests. Where connections
    /// could use up all files, the process would not be able to close a single one properly.
    package static func connectionsMax(files: Int) -> Int {
        // With a very small limit the reserve takes no more than half.
        min(GatewayLimits.connectionsMax, max(files - GatewayLimits.filesReserve, files / 2))
    }
}
