/// What the writer's thread does: takes what waits, runs it in one LMDB transaction, commits once, answers.
///
/// Sendable: handed to the writer's thread and used by it alone.
final class WriterLoop: @unchecked Sendable {
    private let queue: WriteQueue
    private let vault: any PartitionVault
    private let room: MapRoom
    private let gate: ReadGate
    private let meters: CommitMeters
    private var reserve: DiskReserve
    /// The version given last; grows for ever.
    private var version: UInt64
    /// Whether the last commit failed, for whatever reason.
    private var hasFailed = false
    /// Set by a failed commit: the environment is in doubt and nothing may be answered before it has been opened anew.
    private var isInDoubt = false
    /// Kept while the environment is copied into a fresh one.
    private var journal: ChangeJournal?
    /// Until what a compaction replaced is overwritten, too.
    private var isCompacting = false

    init(
        queue: WriteQueue, gate: ReadGate, vault: any PartitionVault, configuration: LMDBEngine.Configuration, version: UInt64,
        meters: CommitMeters
    ) {
        self.meters = meters
        self.queue = queue
        self.gate = gate
        self.vault = vault
        room = MapRoom(gate: gate, configuration: configuration)
        reserve = DiskReserve(folder: configuration.folder)
        self.version = version
    }

    func run() {
        while let work = queue.next() {
            switch work {
            case .alone(let body): body(self)
            case .transactions(let jobs):
                var rest = jobs[...]
                while !rest.isEmpty { rest = rest.dropFirst(commit(rest)) }
            }
        }
    }

    /// Commits as many of the jobs as make one commit, and answers them.
    /// - Returns: how many.
    private func commit(_ jobs: ArraySlice<WriteQueue.Job>) -> Int {
        var batch = Batch(vault: vault)
        var answers: [@Sendable () -> Void] = []
        do throws(StoreError) {
            try reopenIfInDoubt()
            try room.makeIfScarce()
            answers = try run(jobs, in: &batch)
            try put(&batch)
        } catch {
            let group = answers.isEmpty ? jobs : jobs.prefix(answers.count)
            // Readers too shall not meet an environment in doubt. Where it does not open, the next commit tries again.
            try? reopenIfInDoubt()
            answer(group, failedWith: error)
            return group.count
        }
        for answer in answers { answer() }
        return answers.count
    }

    /// One request may be what an engine refuses or a full map has no room for; the others in its batch shall not suffer.
    private func answer(_ jobs: ArraySlice<WriteQueue.Job>, failedWith error: StoreError) {
        if error.isDiskFull, jobs.contains(where: \.mayUseReserve), !jobs.allSatisfy(\.mayUseReserve) {
            // What only deletes has room where the others have none.
            for job in jobs where !job.mayUseReserve { job.fail(error) }
            var rest = jobs.filter(\.mayUseReserve)[...]
            while !rest.isEmpty { rest = rest.dropFirst(commit(rest)) }
            return
        }
        guard jobs.count > 1, error.mayConcernOneItem else {
            for job in jobs { job.fail(error) }
            return
        }
        for half in [jobs.prefix(jobs.count / 2), jobs.dropFirst(jobs.count / 2)] {
            var rest = half
            while !rest.isEmpty { rest = rest.dropFirst(commit(rest)) }
        }
    }

    /// - Returns: how to answer each job that was run, failures of single ones included.
    private func run(
        _ jobs: ArraySlice<WriteQueue.Job>, in batch: inout Batch
    ) throws(StoreError) -> [@Sendable () -> Void] {
        // Nobody else writes, so what is read here still holds when the batch is put.
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            var answers: [@Sendable () -> Void] = []
            for job in jobs where batch.changedBytes < StoreLimits.changedBytesPerCommitMax {
                version += 1
                do throws(StoreError) {
                    answers.append(try batch.run(job, version: version, in: transaction, tables: environment).answer)
                } catch {
                    answers.append { job.fail(error) }
                }
            }
            return answers
        }
    }

    /// Makes a batch durable, its new partitions with it.
    private func put(_ batch: inout Batch) throws(StoreError) {
        guard batch.hasChanges else { return }
        let mayUseReserve = batch.onlyDeletes || batch.mayUseReserve
        let births = try withReserve(mayUseReserve) { () throws(StoreError) in try batch.reserve() }
        do throws(StoreError) {
            try flush(onlyDeletes: mayUseReserve) { transaction, environment throws(StoreError) in
                try batch.flush(into: &transaction, version: version, tables: environment)
            }
        } catch {
            vault.release(births)
            throw error
        }
        vault.publish(births)
    }

    /// Does something that needs room on the disk, with the room that is kept for deletions where it may and there is no other.
    private func withReserve<Output>(_ mayUseReserve: Bool, _ body: () throws(StoreError) -> Output) throws(StoreError) -> Output {
        do throws(StoreError) {
            try reserve.admit(mayUseReserve: mayUseReserve)
            return try body()
        } catch {
            hasFailed = true
            guard mayUseReserve, error.isDiskFull, reserve.spend() else { throw error }
            try reopenIfInDoubt()
            return try body()
        }
    }

    /// Puts changes and commits, making room and starting again where there is none.
    private func flush(
        onlyDeletes: Bool, _ body: (inout WriteTransaction, Environment) throws(StoreError) -> Void
    ) throws(StoreError) {
        while true {
            do throws(StoreError) {
                try withReserve(onlyDeletes) { () throws(StoreError) in try commit(body) }
                hasFailed = false
                return room.giveBackReserve()
            } catch {
                hasFailed = true
                guard error.isMapFull, try room.make(withReserve: onlyDeletes) else { throw error }
            }
        }
    }

    private func commit(
        _ body: (inout WriteTransaction, Environment) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Noted when the commit has ended, however it did: noted before, a key could be copied once more as it was.
        let changes = journal.map { _ in ChangeJournal() }
        defer { changes.map { journal?.note($0.take()) } }
        try gate.read { environment throws(StoreError) in
            var transaction = try WriteTransaction(environment, journal: changes)
            try body(&transaction, environment)
            try VersionCounter.store(version, in: &transaction, tables: environment)
            do throws(StoreError) {
                let start = ContinuousClock.now
                try transaction.commit()
                meters.count(.now - start)
            } catch {
                meters.countFailure()
                isInDoubt = !error.isMapFull
                throw error
            }
        }
    }

    private func reopenIfInDoubt() throws(StoreError) {
        guard isInDoubt else { return }
        try room.reopen()
        version = max(version, try gate.read { environment throws(StoreError) in try VersionCounter.load(environment) })
        isInDoubt = false
    }
}

/// Work that is no request, between commits.
extension WriterLoop {
    /// Deletes items that have expired by `now`, at most `StoreLimits.expiredPerSweepMax`.
    /// - Returns: how many there were.
    func sweep(now: Int64) throws(StoreError) -> Int {
        try reopenIfInDoubt()
        var batch = Batch(vault: vault)
        var count = 0
        version += 1
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.expiry)
            var isThere = try cursor.seek([0])
            while isThere, count < StoreLimits.expiredPerSweepMax, ExpiryKey.expiresAt(cursor.key) <= now {
                try batch.expire(cursor.key, in: transaction, tables: environment)
                count += 1
                isThere = try cursor.next()
            }
        }
        try put(&batch)
        return count
    }

    /// Deletes items of a tenant that is gone, at most `StoreLimits.goneItemsPerSweepMax`, with their entries in the table of what expires.
    /// - Returns: how many there were.
    func sweep(_ tenant: TenantNumber) throws(StoreError) -> Int {
        try reopenIfInDoubt()
        guard vault.isGone(tenant) else { return 0 }
        return try sweep(PhysicalKey.start(of: tenant))
    }

    /// The same with items of a partition whose key is destroyed: whoever comes to life there later has to wait for this thread.
    func sweep(_ partition: PartitionAddress) throws(StoreError) -> Int {
        try reopenIfInDoubt()
        guard try vault.seal(at: partition) == nil else { return 0 }
        return try sweep(PhysicalKey.start(of: partition, prefix: []))
    }

    private func sweep(_ start: [UInt8]) throws(StoreError) -> Int {
        var doomed: [(key: [UInt8], expiryKey: [UInt8]?)] = []
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.items)
            var isThere = try cursor.seek(start)
            while isThere, doomed.count < StoreLimits.goneItemsPerSweepMax, cursor.keyStarts(with: start) {
                // Nobody can check these headers any more; one that is damaged leaves an entry that the sweeper takes out in its time.
                let expiresAt = try? Envelope(cursor.value).expiresAt
                let key = try? PhysicalKey(decoding: cursor.key)
                doomed.append((cursor.key, expiresAt.flatMap { time in key.map { ExpiryKey.bytes(time, $0) } }))
                isThere = try cursor.next()
            }
        }
        guard !doomed.isEmpty else { return 0 }
        try flush(onlyDeletes: true) { transaction, environment throws(StoreError) in
            for (key, expiryKey) in doomed {
                try transaction.delete(key, in: environment.items)
                if let expiryKey { try transaction.delete(expiryKey, in: environment.expiry) }
            }
        }
        return doomed.count
    }

    /// Does nothing where the last commit went well; otherwise opens anew and commits.
    func probe() throws(StoreError) {
        if hasFailed { try prove() }
    }

    /// Commits, in any case.
    func prove() throws(StoreError) {
        try reopenIfInDoubt()
        do throws(StoreError) {
            try flush(onlyDeletes: false) { _, _ in }
        } catch {
            // As after any commit that failed: readers shall not look at what may not be there.
            try? reopenIfInDoubt()
            throw error
        }
    }
}

/// Replacing the environment by a compacted one.
extension WriterLoop {
    /// - Parameter journal: from here on every change is noted there.
    /// - Throws: `.busy` where another compaction runs.
    func beginCompaction(_ journal: ChangeJournal) throws(StoreError) {
        try beginErasing()
        self.journal = journal
    }

    /// Keeps compactions out while files that one has left are overwritten.
    func beginErasing() throws(StoreError) {
        guard !isCompacting else { throw StoreError(.busy, "compacting while it is being done") }
        try reopenIfInDoubt()
        isCompacting = true
    }

    func endCompaction() {
        (journal, isCompacting) = (nil, false)
    }

    /// Puts the copy in the place of what is used.
    /// - Returns: how long readers were kept out.
    func finish(_ compaction: Compaction) throws(StoreError) -> Duration {
        try reopenIfInDoubt()
        try compaction.catchUp()
        do throws(StoreError) {
            defer { journal = nil }
            return try compaction.takeOver()
        } catch {
            // Where readers did not leave, nothing was touched.
            isInDoubt = error.code != .busy
            throw error
        }
    }
}
