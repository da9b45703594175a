/// What the writer's thread does: takes what waits, runs it in one LMDB transaction, commits once, answers.
///
/// Sendable: handed to the writer's thread and used by it alone.
final class WriterLoop: @unchecked Sendable {
    private let queue: WriteQueue
    private let gate: ReadGate
    private let vault: any PartitionVault
    private let configuration: LMDBEngine.Configuration
    /// The version given last; grows for ever.
    private var version: UInt64
    /// Whether the last commit failed, for whatever reason.
    private var hasFailed = false
    /// Set by a failed commit: the environment is in doubt and nothing may be answered before it has been opened anew.
    private var mustReopen = false

    init(queue: WriteQueue, gate: ReadGate, vault: any PartitionVault, configuration: LMDBEngine.Configuration, version: UInt64) {
        self.queue = queue
        self.gate = gate
        self.vault = vault
        self.configuration = configuration
        self.version = version
    }

    func run() {
        while let work = queue.next() {
            switch work {
            case .alone(let body): body(self)
            case .transactions(let jobs): commit(jobs)
            }
        }
    }

    private func commit(_ jobs: [WriteQueue.Job]) {
        var answers: [@Sendable () -> Void] = []
        do throws(StoreError) {
            try reopenIfInDoubt()
            try growIfNeeded()
            answers = try runAndCommit(jobs)
        } catch {
            for job in jobs { job.fail(error) }
            return
        }
        for answer in answers { answer() }
    }

    /// - Returns: how to answer each job, failures of single ones included.
    private func runAndCommit(_ jobs: [WriteQueue.Job]) throws(StoreError) -> [@Sendable () -> Void] {
        var batch = Batch(vault: vault)
        var answers: [@Sendable () -> Void] = []
        // Nobody else writes, so what is read here still holds when the batch is put.
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            for job in jobs {
                version += 1
                do throws(StoreError) {
                    answers.append(try batch.run(job, version: version, in: transaction, tables: environment).answer)
                } catch {
                    answers.append { job.fail(error) }
                }
            }
        }
        try put(&batch)
        return answers
    }

    /// Makes a batch durable, its new partitions with it.
    private func put(_ batch: inout Batch) throws(StoreError) {
        guard batch.hasChanges else { return }
        let births = try batch.reserve()
        do throws(StoreError) {
            try flush(batch)
        } catch {
            vault.release(births)
            throw error
        }
        vault.publish(births)
    }

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

    /// Puts the batch and commits, growing the map and starting again where there is no room.
    private func flush(_ batch: Batch) throws(StoreError) {
        while true {
            do throws(StoreError) {
                try flushOnce(batch)
                hasFailed = false
                return
            } catch {
                guard error.isMapFull, try grow() else {
                    hasFailed = true
                    throw error
                }
            }
        }
    }

    func probe() throws(StoreError) {
        guard hasFailed else { return }
        try reopenIfInDoubt()
        try gate.read { environment throws(StoreError) in
            var transaction = try WriteTransaction(environment)
            try VersionCounter.store(version, in: &transaction, tables: environment)
            try transaction.commit()
        }
        hasFailed = false
    }

    private func flushOnce(_ batch: Batch) throws(StoreError) {
        try gate.read { environment throws(StoreError) in
            var transaction = try WriteTransaction(environment)
            try batch.flush(into: &transaction, version: version, tables: environment)
            try VersionCounter.store(version, in: &transaction, tables: environment)
            do throws(StoreError) {
                try transaction.commit()
            } catch {
                mustReopen = !error.isMapFull
                throw error
            }
        }
    }
}

/// Room: the map grows by itself; an environment in doubt is opened anew.
extension WriterLoop {
    private func growIfNeeded() throws(StoreError) {
        let extent = try gate.read { environment in environment.extent }
        if Double(extent.usedBytes) > Double(extent.mapBytes) * (1 - StoreLimits.mapFreeShareMin) { _ = try grow() }
    }

    /// Doubles the map while no reader is inside.
    /// - Returns: false where it is as large as it may be.
    private func grow() throws(StoreError) -> Bool {
        var hasGrown = false
        try gate.swap { environment throws(StoreError) in
            guard let environment else { throw StoreError(.busy, "growing the map") }
            let bytes = min(environment.extent.mapBytes * 2, configuration.bytesMax)
            guard bytes > environment.extent.mapBytes else { return }
            try environment.growMap(toBytes: bytes)
            hasGrown = true
        }
        return hasGrown
    }

    private func reopenIfInDoubt() throws(StoreError) {
        guard mustReopen else { return }
        try gate.swap { environment throws(StoreError) in
            let mapBytes = environment?.extent.mapBytes ?? StoreLimits.mapBytesInitial
            environment?.close()
            environment = nil
            environment = try Environment(path: configuration.folder, mapBytes: mapBytes)
        }
        version = max(version, try gate.read { environment throws(StoreError) in try VersionCounter.load(environment) })
        mustReopen = false
    }
}
