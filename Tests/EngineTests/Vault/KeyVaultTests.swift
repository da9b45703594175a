import Engine
import Foundation
import Store
import Testing

@Suite struct KeyVaultTests {
    @Test func aReservedPartitionIsInvisibleUntilItIsPublished() throws {
        let fixture = try VaultFixture()
        let address = try fixture.address("u1")
        let seal = try #require(try fixture.vault.reserve([address]).first)
        #expect(try fixture.seal("u1") == nil)
        fixture.vault.publish([address])
        #expect(try fixture.opens("u1", VaultFixture.sealed(by: seal)))
    }

    @Test func aReleasedSlotIsUsedAgainUnderAnotherGeneration() throws {
        let fixture = try VaultFixture()
        let address = try fixture.address("u1")
        let first = try #require(try fixture.vault.reserve([address]).first)
        fixture.vault.release([address])
        #expect(try fixture.seal("u1") == nil)
        let second = try fixture.make("u2")
        #expect(second.slot == first.slot)
        #expect(second.generation == first.generation + 1)
    }

    @Test func keysAreThereAfterReopening() throws {
        let fixture = try VaultFixture()
        let sealed = try (0..<300).map { try VaultFixture.sealed(by: fixture.make("u\($0)")) }
        let reopened = try fixture.killed(as: "copy")
        for (number, sealed) in sealed.enumerated() { #expect(try reopened.opens("u\(number)", sealed)) }
        #expect(try reopened.seal("u300") == nil)
        #expect(try reopened.address("u1") == fixture.address("u1"))
    }

    @Test func aTenantsAddressesAreItsOwn() throws {
        let fixture = try VaultFixture()
        try fixture.vault.addTenant(TenantNumber(2))
        let name = Array("USER#u1".utf8)
        let addresses = try [1, 2].map { try fixture.vault.address(of: PartitionKey(tenant: TenantNumber($0), name: name)) }
        #expect(addresses[0].digest != addresses[1].digest)
    }

    @Test func theVaultGrows() throws {
        let fixture = try VaultFixture()
        let addresses = try (0..<9000).map { try fixture.address("u\($0)") }
        let seals = try fixture.vault.reserve(addresses)
        fixture.vault.publish(addresses)
        #expect(Set(seals.map(\.slot)).count == 9000)
        let reopened = try fixture.killed(as: "copy")
        #expect(try (0..<9000).allSatisfy { try reopened.seal("u\($0)") != nil })
    }

    // MARK: Destroying

    @Test func aDestroyedKeyIsGoneFromBothFiles() throws {
        let fixture = try VaultFixture()
        let seal = try fixture.make("u1")
        try fixture.make("u2")
        let place = Int(seal.slot) * SlotRecord.byteCount
        let slots = try fixture.files.map { Array(try Files.bytes($0)[place..<(place + SlotRecord.byteCount)]) }
        let wrapped = try #require(slots[0].withUnsafeBytes(SlotRecord.init)).wrapped
        try fixture.vault.destroy(try fixture.address("u1"))
        #expect(try fixture.seal("u1") == nil)
        #expect(try fixture.seal("u2") != nil)
        for file in fixture.files {
            let bytes = try Files.bytes(file)
            // Any 8 bytes of the wrapped key would be too many.
            let isLeft = stride(from: 0, to: wrapped.count - 8, by: 4).contains { start in
                let needle = Array(wrapped[start..<(start + 8)])
                return bytes.indices.dropLast(8).contains { bytes[$0] == needle[0] && Array(bytes[$0..<($0 + 8)]) == needle }
            }
            #expect(!isLeft)
        }
        #expect(try fixture.killed(as: "copy").seal("u1") == nil)
    }

    @Test func aGenerationNeverComesBack() throws {
        var fixture = try VaultFixture()
        var seen: Set<[UInt32]> = []
        for round in 0..<20 {
            let seal = try fixture.make("u\(round % 3)")
            let isNew = seen.insert([seal.slot, seal.generation]).inserted
            #expect(isNew)
            try fixture.vault.destroy(try fixture.address("u\(round % 3)"))
            if round % 5 == 4 { fixture = try fixture.killed(as: "copy\(round)") }
        }
    }

    @Test func destroyingFinishesWhatReachedOneFileOnly() throws {
        let fixture = try VaultFixture()
        let seal = try fixture.make("u1")
        let place = Int(seal.slot) * SlotRecord.byteCount
        var free = SlotRecord()
        free.generation = seal.generation
        try Files.overwrite(fixture.files[0], at: place, with: free.bytes)
        // After a crash …
        let reopened = try fixture.killed(as: "copy")
        #expect(try reopened.seal("u1") == nil)
        #expect(try Files.bytes(reopened.files[0]) == Files.bytes(reopened.files[1]))
        // … and where the disk failed and the caller tries again.
        try fixture.vault.destroy(try fixture.address("u1"))
        #expect(try Files.bytes(fixture.files[1])[place..<(place + SlotRecord.byteCount)].elementsEqual(free.bytes))
    }

    // MARK: Two copies

    @Test(arguments: [0, 1])
    func aRottenCopyIsRepairedFromTheOther(file: Int) throws {
        let fixture = try VaultFixture()
        let seal = try fixture.make("u1")
        let sealed = try VaultFixture.sealed(by: seal)
        try fixture.folder.copy("vault", as: "copy")
        let path = "\(fixture.folder.path)/copy/\(["keys.a", "keys.b"][file])"
        try Files.overwrite(path, at: Int(seal.slot) * SlotRecord.byteCount + 40, with: [1, 2, 3])
        let reopened = try VaultFixture(fixture.folder, name: "copy")
        #expect(try reopened.opens("u1", sealed))
        #expect(try Files.bytes(reopened.files[0]) == Files.bytes(fixture.files[0]))
        #expect(try Files.bytes(reopened.files[1]) == Files.bytes(fixture.files[1]))
    }

    @Test(arguments: [0, 1])
    func aMissingFileIsMadeAnewFromTheOther(file: Int) throws {
        let fixture = try VaultFixture()
        let sealed = try VaultFixture.sealed(by: fixture.make("u1"))
        try fixture.folder.copy("vault", as: "copy")
        let path = "\(fixture.folder.path)/copy/\(["keys.a", "keys.b"][file])"
        try FileManager.default.removeItem(atPath: path)
        let reopened = try VaultFixture(fixture.folder, name: "copy")
        #expect(try reopened.opens("u1", sealed))
        #expect(try Files.bytes(reopened.files[0]) == Files.bytes(reopened.files[1]))
    }

    @Test(arguments: [0, 1])
    func aZeroedCopyIsNotTakenForAFreeSlot(file: Int) throws {
        let fixture = try VaultFixture()
        let seal = try fixture.make("u1")
        let sealed = try VaultFixture.sealed(by: seal)
        let zeros = [UInt8](repeating: 0, count: SlotRecord.byteCount)
        try Files.overwrite(fixture.files[file], at: Int(seal.slot) * SlotRecord.byteCount, with: zeros)
        #expect(try fixture.killed(as: "copy").opens("u1", sealed))
    }

    @Test func aSlotWithoutAWholeCopyIsDamaged() throws {
        let fixture = try VaultFixture()
        let seal = try fixture.make("u1")
        for file in fixture.files { try Files.overwrite(file, at: Int(seal.slot) * SlotRecord.byteCount + 40, with: [1, 2, 3]) }
        #expect(VaultFixture.code { _ = try fixture.killed(as: "copy") } == .damaged)
    }

    // MARK: Crashes between vault and commit

    @Test(arguments: [true, false])
    func aReservationIsSettledAfterACrash(isCommitted: Bool) throws {
        let fixture = try VaultFixture()
        let sealed = try VaultFixture.sealed(by: #require(try fixture.vault.reserve([fixture.address("u1")]).first))
        let reopened = try fixture.killed(as: "copy")
        try reopened.vault.settle { _ in isCommitted }
        #expect(try reopened.opens("u1", sealed) == isCommitted)
        let again = try reopened.killed(as: "again")
        try again.vault.settle { _ in
            Issue.record("settled twice")
            return false
        }
        #expect(try again.opens("u1", sealed) == isCommitted)
        if !isCommitted { #expect(try again.make("u1").generation > 1) }
    }

    @Test func aReservationOfADeletedTenantIsGivenBackOnce() throws {
        let fixture = try VaultFixture()
        let addresses = try (0..<3).map { try fixture.address("u\($0)") }
        _ = try fixture.vault.reserve(addresses)
        try fixture.vault.destroyTenant(VaultFixture.tenant)
        fixture.vault.publish([addresses[0]])
        fixture.vault.release([addresses[1], addresses[2]])
        try fixture.vault.addTenant(TenantNumber(2))
        let others = try (0..<20).map {
            try fixture.vault.address(of: PartitionKey(tenant: TenantNumber(2), name: Array("USER#\($0)".utf8)))
        }
        #expect(Set(try fixture.vault.reserve(others).map(\.slot)).count == others.count)
    }

    @Test func aTenantOfWhoseKeysAPartIsLeftIsDestroyedToTheEnd() throws {
        let fixture = try VaultFixture()
        let sealed = try fixture.make("u1")
        // Slots 0 and 1 are the installation's, 2 and 3 the tenant's.
        for file in fixture.files {
            try Files.overwrite(file, at: 2 * SlotRecord.byteCount, with: [UInt8](repeating: 0, count: SlotRecord.byteCount))
        }
        try fixture.folder.copy("vault", as: "copy")
        let vault = try KeyVault(folder: "\(fixture.folder.path)/copy", masterKeyPath: fixture.masterKeyPath)
        #expect(!vault.hasTenant(VaultFixture.tenant))
        #expect(vault.hasTenant(.installation))
        for name in ["keys.a", "keys.b"] {
            let bytes = try Files.bytes("\(fixture.folder.path)/copy/\(name)")
            for slot in [3, Int(sealed.slot)] {
                let record = bytes[(slot * 128)..<(slot * 128 + 128)].withUnsafeBytes(SlotRecord.init)
                #expect(record?.state == .free)
                #expect(record?.wrapped.allSatisfy { $0 == 0 } == true)
            }
        }
    }

    @Test func aVaultThatHasLostTheInstallationsKeysIsNotTakenForANewOne() throws {
        let fixture = try VaultFixture()
        for file in fixture.files {
            try Files.overwrite(file, at: 0, with: [UInt8](repeating: 0, count: 2 * SlotRecord.byteCount))
        }
        #expect(VaultFixture.code { _ = try fixture.killed(as: "copy") } == .damaged)
    }
}
