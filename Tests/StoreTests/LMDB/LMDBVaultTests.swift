import Store
import Testing

@Suite("LMDBEngine and the vault")
struct LMDBVaultTests {
    @Test func partitionsAreBornWithTheirFirstItem() async throws {
        try await LMDBFixture.with { fixture in
            let (engine, key) = (await fixture.lmdb, ItemKey("USER#1", "LEAD"))
            try await engine.delete(key)
            try await engine.write(Transaction<Void>([key]) { _ in .commit(()) }, now: 0)
            let putAndThrownAway = Transaction<Void>([key]) { draft in
                draft.put(key, entityType: "Text", payload: [1])
                draft.delete(key)
                return .commit(())
            }
            try await engine.write(putAndThrownAway, now: 0)
            #expect(fixture.vault.counts == TestVault.Counts())
            for number in 0..<5 { try await engine.put(key, "\(number)") }
            try await engine.delete(key)
            try await engine.put(key, "again")
            #expect(fixture.vault.counts == TestVault.Counts(reserved: 1, published: 1, released: 0))
        }
    }

    @Test func failedReservationCommitsNothing() async throws {
        try await LMDBFixture.with { fixture in
            let (engine, old, new) = (await fixture.lmdb, ItemKey("USER#old", "LEAD"), ItemKey("USER#new", "LEAD"))
            try await engine.put(old, "before")
            fixture.vault.fail(.reserve)
            let both = Transaction<Void>([old, new]) { draft in
                for key in [old, new] { draft.put(key, entityType: "Text", payload: Array("after".utf8)) }
                return .commit(())
            }
            await expectError(.damaged) { () throws(StoreError) in try await engine.write(both, now: 0) }
            #expect(try await engine.text(old) == "before")
            #expect(try await engine.text(new) == nil)
            fixture.vault.fail(nil)
            try await engine.write(both, now: 0)
            #expect(try await engine.text(old) == "after")
            #expect(try await engine.text(new) == "after")
            #expect(fixture.vault.reservedCount == 0)
        }
    }

    /// A tenant whose keys are gone does not fail the others of its batch.
    @Test func failedReservationSparesTheOthersOfABatch() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            fixture.vault.fail(.reserveOf(TenantNumber(9)))
            let failed = await withTaskGroup(of: UInt32?.self) { group in
                for number in 0..<100 {
                    let tenant: UInt32 = number % 10 == 0 ? 9 : 1
                    group.addTask {
                        let version = try? await engine.put(ItemKey("USER#\(number)", "LEAD", tenant: tenant), "x")
                        return version == nil ? tenant : nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            #expect(failed == [UInt32](repeating: 9, count: 10))
            #expect(fixture.vault.reservedCount == 0)
        }
    }

    @Test func damagedSealIsAnErrorNotAbsence() async throws {
        try await LMDBFixture.with { fixture in
            let (engine, key) = (await fixture.lmdb, ItemKey("USER#1", "LEAD"))
            try await engine.put(key, "x")
            fixture.vault.fail(.seal)
            await expectError(.damaged) { () throws(StoreError) in _ = try await engine.get(key, now: 0) }
            await expectError(.damaged) { () throws(StoreError) in _ = try await engine.increment(key) }
            fixture.vault.fail(nil)
            #expect(try await engine.text(key) == "x")
        }
    }

    /// What an earlier life left behind does not show, count or come back in the next.
    @Test func leftoversAreClearedWhenAPartitionIsBornAgain() async throws {
        try await LMDBFixture.with { fixture in
            let (engine, user) = (await fixture.lmdb, PartitionKey("USER#1"))
            for number in 0..<1500 { try await engine.put(ItemKey("USER#1", "EVENT#\(number)"), "old", expiresAt: 1000) }
            fixture.vault.destroy(user)
            #expect(try await engine.sorts(user).isEmpty)
            #expect(try await engine.get(ItemKey("USER#1", "EVENT#3"), now: 0) == nil)
            try await engine.put(ItemKey("USER#1", "EVENT#7"), "new")
            #expect(try await engine.sorts(user) == ["EVENT#7"])
            #expect(try await engine.get(ItemKey("USER#1", "EVENT#3"), now: 0) == nil)
            let census = try #require(try engine.census(of: TestVault.address(of: user)))
            #expect(census.items == 1 && census.faults == 0 && census.name == user.name)
            // The old entries of the table of what expires do not touch the new item.
            while try await engine.sweepExpired(now: 2000) > 0 {}
            #expect(try await engine.text(ItemKey("USER#1", "EVENT#7")) == "new")
        }
    }

    @Test func sweepingPassesOverDeadPartitions() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for user in 0..<4 {
                for number in 0..<10 { try await engine.put(ItemKey("USER#\(user)", "EVENT#\(number)"), "x", expiresAt: 1000) }
            }
            fixture.vault.destroy(PartitionKey("USER#2"))
            #expect(try await engine.sweepExpired(now: 1000) == 40)
            #expect(try await engine.sweepExpired(now: 1000) == 0)
            for user in 0..<4 { #expect(try await engine.sorts(PartitionKey("USER#\(user)"), now: 0).isEmpty) }
            #expect(try engine.partitions(of: TenantNumber(1), after: nil, limit: 10).count == 4)
        }
    }

    /// Step by step, also over a crash in between; the tenants beside it keep everything.
    @Test func tenantsThatAreGoneAreClearedAway() async throws {
        try await LMDBFixture.with { fixture in
            let (gone, tenants) = (TenantNumber(300), [1, 299, 300, 301, 70_000] as [UInt32])
            for tenant in tenants {
                for user in 0..<(tenant == gone.value ? 400 : 3) {
                    try await fixture.engine.put(ItemKey("USER#\(user)", "LEAD", tenant: tenant), "x", expiresAt: 1000)
                }
            }
            #expect(try await fixture.lmdb.sweepGoneTenants() == 0)
            fixture.vault.destroy(gone)
            // A header and an item for each user.
            #expect(try await fixture.lmdb.sweepGoneTenants() == StoreLimits.goneItemsPerSweepMax)
            try await fixture.reopen()
            #expect(try await fixture.lmdb.sweepGoneTenants() == 800 - StoreLimits.goneItemsPerSweepMax)
            #expect(try await fixture.lmdb.sweepGoneTenants() == 0)
            #expect(try await fixture.lmdb.partitions(of: gone, after: nil, limit: 10).isEmpty)
            for tenant in tenants where tenant != gone.value {
                for user in 0..<3 { #expect(try await fixture.engine.text(ItemKey("USER#\(user)", "LEAD", tenant: tenant)) == "x") }
            }
            // Nothing of it is left in the table of what expires either.
            #expect(try await fixture.engine.sweepExpired(now: 1000) == 3 * (tenants.count - 1))
        }
    }

    /// What is given back is used again: the file does not grow with every tenant that comes and goes.
    @Test func theRoomOfTenantsThatAreGoneIsUsedAgain() async throws {
        try await LMDBFixture.with { fixture in
            var sizes: [Int] = []
            for tenant: UInt32 in 1...6 {
                for user in 0..<300 {
                    try await fixture.engine.put(ItemKey("USER#\(user)", "LEAD", tenant: tenant), bytes: [UInt8](repeating: 7, count: 2000))
                }
                sizes.append(try await fixture.lmdb.usedBytes())
                fixture.vault.destroy(TenantNumber(tenant))
                while try await fixture.lmdb.sweepGoneTenants() > 0 {}
            }
            let (second, last) = (sizes[1], sizes[5])
            #expect(last < second + second / 4, "\(sizes)")
        }
    }
}
