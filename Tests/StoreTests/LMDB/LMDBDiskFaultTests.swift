import FoundationEssentials
import Store
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("LMDBEngine on a failing disk")
struct LMDBDiskFaultTests {
    /// A bound on the length of files, of the process alone, stands for a disk that is full: writing behind it fails.
    static func limitFiles(toBytes bytes: Int?) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(1), &limit)
        limit.rlim_cur = bytes.map { rlim_t($0) } ?? limit.rlim_max
        setrlimit(__rlimit_resource_t(1), &limit)
    }

    /// Where the last commit went well, only another one tells what has become of the disk since.
    @Test func aCommitOfItsOwnTellsWhetherTheDiskTakesOne() async {
        await #expect(processExitsWith: .success) {
            try await LMDBFixture.with { fixture in
                let engine = await fixture.lmdb
                try await engine.put(ItemKey("USER#1", "LEAD"), "before")
                try await engine.prove()
                LMDBDiskFaultTests.limitFiles(toBytes: 8192)
                try await engine.probe()
                await expectError(.cannotCommit) { () throws(StoreError) in try await engine.prove() }
                await expectError(.cannotCommit) { () throws(StoreError) in try await engine.probe() }
                LMDBDiskFaultTests.limitFiles(toBytes: nil)
                try await engine.prove()
                #expect(try await engine.text(ItemKey("USER#1", "LEAD")) == "before")
            }
        }
    }

    @Test func failedCommitIsAnsweredAndOvercome() async {
        await #expect(processExitsWith: .success) {
            try await LMDBFixture.with { fixture in
                let engine = await fixture.lmdb
                for number in 0..<20 { try await engine.put(ItemKey("USER#\(number)", "LEAD"), "before") }
                // No page can be written, not even a free one.
                LMDBDiskFaultTests.limitFiles(toBytes: 8192)
                for round in 0..<3 {
                    await expectError(.cannotCommit) { () throws(StoreError) in
                        _ = try await engine.put(ItemKey("USER#1", "LEAD"), "lost \(round)")
                    }
                    await expectError(.cannotCommit) { () throws(StoreError) in
                        _ = try await engine.put(ItemKey("USER#new\(round)", "LEAD"), "lost")
                    }
                    await expectError(.cannotCommit) { () throws(StoreError) in try await engine.probe() }
                    #expect(try await engine.text(ItemKey("USER#1", "LEAD")) == "before")
                }
                #expect(fixture.vault.reservedCount == 0)
                #expect(fixture.vault.counts.released == 3)
                LMDBDiskFaultTests.limitFiles(toBytes: nil)
                try await engine.probe()
                try await engine.put(ItemKey("USER#1", "LEAD"), "after")
                try await engine.put(ItemKey("USER#new0", "LEAD"), "after")
                try await fixture.reopen()
                #expect(try await fixture.engine.text(ItemKey("USER#1", "LEAD")) == "after")
                #expect(try await fixture.engine.text(ItemKey("USER#new0", "LEAD")) == "after")
                #expect(try await fixture.engine.text(ItemKey("USER#new1", "LEAD")) == nil)
            }
        }
    }

    @Test func everyWaitingRequestIsAnswered() async {
        await #expect(processExitsWith: .success) {
            try await LMDBFixture.with { fixture in
                let engine = await fixture.lmdb
                try await engine.put(ItemKey("USER#1", "COUNT"), "0")
                LMDBDiskFaultTests.limitFiles(toBytes: 8192)
                let failures = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<500 {
                        group.addTask {
                            do throws(StoreError) {
                                try await engine.increment(ItemKey("USER#1", "COUNT"))
                                return false
                            } catch {
                                return error.code == .cannotCommit
                            }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(failures == 500)
                LMDBDiskFaultTests.limitFiles(toBytes: nil)
                #expect(try await engine.increment(ItemKey("USER#1", "COUNT")) == 1)
            }
        }
    }
}
