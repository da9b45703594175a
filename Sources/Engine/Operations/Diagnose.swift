import FoundationEssentials
import Glibc
import Store

/// Looks at everything that can be looked at, and says what is wrong and what to do about it.
package struct Diagnose: EngineOperation {
    package static let name = "doctor"
    package static let checksPages = true

    package struct Answer: Codable, Sendable {
        package let healthy: Bool
        package let tenants: Int
        package let partitions: Int
        package let items: Int
        package let usedBytes: Int
        package let vaultSlots: Int
        /// What is wrong.
        package let problems: [String]
        /// What may become wrong.
        package let warnings: [String]
    }

    package init() {}

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        var report = Report()
        do {
            try report.examineStore(of: engine)
            try report.examineVault(of: engine)
            report.examineKeys(of: engine)
            report.examineFolder(engine.folder.path)
            if await !engine.isReady() { report.problems.append("The store cannot commit: look at the free space and the disk.") }
            return Answer(
                healthy: report.problems.isEmpty, tenants: engine.directory.tenants.count, partitions: report.partitions,
                items: report.items, usedBytes: try engine.store.usedBytes(), vaultSlots: engine.vault.file.slotCount,
                problems: report.problems, warnings: report.warnings)
        } catch {
            throw EngineError(error)
        }
    }
}

private struct Report {
    var partitions = 0
    var items = 0
    var problems: [String] = []
    var warnings: [String] = []

    /// Opens every item of every partition, and looks for partitions that the vault knows and the store does not.
    mutating func examineStore(of engine: AttuneEngine) throws(StoreError) {
        var damaged = 0
        var lost = 0
        try engine.vault.forEachLivePartition { address in
            partitions += 1
            do throws(StoreError) {
                guard try engine.store.hasHeader(at: address) else {
                    lost += 1
                    return
                }
                // nil: the partition was destroyed while we were looking.
                let census = try engine.store.census(of: address)
                items += census?.items ?? 0
                damaged += census?.faults ?? 0
            } catch {
                damaged += 1
            }
        }
        if damaged > 0 { problems.append("\(damaged) records do not pass their integrity check. Restore them from a backup.") }
        if lost > 0 { problems.append("\(lost) partitions are missing from the store. Restore them from a backup.") }
    }

    mutating func examineVault(of engine: AttuneEngine) throws(StoreError) {
        let (unequal, broken) = try engine.vault.unequalSlots()
        if unequal > 0 {
            problems.append("The two copies of \(unequal) slots of the key vault differ. Restart the server: it repairs them.")
        }
        if broken > 0 { problems.append("\(broken) slots of the key vault are damaged in both copies. Restore a backup.") }
    }

    mutating func examineKeys(of engine: AttuneEngine) {
        for tenant in engine.directory.tenants {
            for id in engine.directory.keysAgainstLog(of: tenant) {
                problems.append(
                    "The record of key \(id) of tenant \(tenant.name.text) contradicts the audit log, which says that the key was revoked "
                        + "or replaced. Somebody may have put back an old record. The key is refused; revoke it again.")
            }
        }
    }

    mutating func examineFolder(_ path: String) {
        // On these, overwriting in place leaves the old block behind.
        if let fileSystem = Self.fileSystem(of: path), ["btrfs", "zfs", "overlay"].contains(fileSystem) {
            warnings.append("The data folder lies on \(fileSystem), where destroyed keys may survive in old blocks. Use ext4 or XFS.")
        }
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return }
        let freeBytes = Int(information.f_bavail) * Int(information.f_frsize)
        if freeBytes < 1 << 30 { warnings.append("Less than 1 GiB of disk is free.") }
    }

    /// The type of the file system that a path lies on: that of the mount with the longest matching path.
    private static func fileSystem(of path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        let folder = String(cString: real) + "/"
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return nil }
        var best: (path: Substring, type: Substring)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[1] == "/" || folder.hasPrefix("\(fields[1])/") else { continue }
            if fields[1].utf8.count >= best?.path.utf8.count ?? 0 { best = (fields[1], fields[2]) }
        }
        return best.map { String($0.type) }
    }
}
