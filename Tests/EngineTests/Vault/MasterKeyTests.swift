import Engine
import Foundation
import Store
import Testing

@Suite struct MasterKeyTests {
    @Test func theFileIsMadeForItsOwnerOnly() throws {
        let fixture = try VaultFixture()
        #expect(try Files.mode(fixture.masterKeyPath) == 0o600)
        for file in fixture.files { #expect(try Files.mode(file) == 0o600) }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o610])
    func aFileThatOthersMayReadIsRefused(mode: Int) throws {
        let fixture = try VaultFixture()
        try Files.setMode(fixture.masterKeyPath, mode)
        #expect(VaultFixture.code { _ = try fixture.killed(as: "copy") } == .cannotOpen)
    }

    @Test func anotherKeyIsRefused() throws {
        let (fixture, other) = (try VaultFixture(), try VaultFixture())
        #expect(
            VaultFixture.code {
                _ = try KeyVault(folder: "\(fixture.folder.path)/vault", masterKeyPath: other.masterKeyPath)
            } == .cannotOpen)
    }

    @Test func aMissingKeyIsNotMadeAnewWhereThereIsAVault() throws {
        let fixture = try VaultFixture()
        try FileManager.default.removeItem(atPath: fixture.masterKeyPath)
        #expect(VaultFixture.code { _ = try fixture.killed(as: "copy") } == .cannotOpen)
        #expect(!Files.isThere(fixture.masterKeyPath))
    }

    @Test(arguments: ["", "attune-master-key 1\n", "attune-master-key x AAAA\n", "attune-master-key 1 AAAA\n", "secret 1 AAAA\n"])
    func aFileOfAnotherFormIsRefused(text: String) throws {
        let fixture = try VaultFixture()
        try Data(text.utf8).write(to: URL(fileURLWithPath: fixture.masterKeyPath))
        #expect(VaultFixture.code { _ = try fixture.killed(as: "copy") } == .cannotOpen)
    }

    @Test func rotationReplacesTheKey() throws {
        let fixture = try VaultFixture()
        let sealed = try VaultFixture.sealed(by: fixture.make("u1"))
        let old = try Files.bytes(fixture.masterKeyPath)
        for _ in 0..<3 { try fixture.vault.rotateMasterKey() }
        let new = try Files.bytes(fixture.masterKeyPath)
        #expect(old != new)
        #expect(String(decoding: new, as: UTF8.self).split(separator: "\n").count == 1)
        #expect(try Files.mode(fixture.masterKeyPath) == 0o600)
        let reopened = try fixture.killed(as: "copy")
        #expect(try reopened.opens("u1", sealed))
        try Data(old).write(to: URL(fileURLWithPath: fixture.masterKeyPath))
        #expect(VaultFixture.code { _ = try fixture.killed(as: "other") } == .cannotOpen)
    }

    /// The blocks of a file that is only unlinked would keep the old key.
    @Test func theFormerFileIsOverwrittenInPlace() throws {
        let fixture = try VaultFixture()
        let old = try Files.bytes(fixture.masterKeyPath)
        let former = try FileHandle(forReadingFrom: URL(fileURLWithPath: fixture.masterKeyPath))
        defer { try? former.close() }
        try fixture.vault.rotateMasterKey()
        #expect(Array(try former.readToEnd() ?? Data()) == [UInt8](repeating: 0, count: old.count))
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted() == ["master.key", "vault"])
        // A copy that its owner keeps for older backups, under a name of its own for the same file, stays.
        let kept = "\(fixture.folder.path)/kept.key"
        let present = try Files.bytes(fixture.masterKeyPath)
        try FileManager.default.linkItem(atPath: fixture.masterKeyPath, toPath: kept)
        try fixture.vault.rotateMasterKey()
        #expect(try Files.bytes(kept) == present)
    }

    /// What a crash can leave of a replacement beside the file: overwritten and removed by whoever opens the vault next.
    @Test(arguments: ["new", "former"], [true, false])
    func whatAReplacementThatWasKilledHasLeftIsErased(suffix: String, isThePresentFile: Bool) throws {
        let fixture = try VaultFixture()
        let sealed = try VaultFixture.sealed(by: fixture.make("u1"))
        let key = try Files.bytes(fixture.masterKeyPath)
        let left = "\(fixture.masterKeyPath).\(suffix)"
        if isThePresentFile {
            try FileManager.default.linkItem(atPath: fixture.masterKeyPath, toPath: left)
        } else {
            try Data("attune-master-key 1 old\n".utf8).write(to: URL(fileURLWithPath: left))
        }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: left))
        defer { try? file.close() }
        let reopened = try fixture.killed(as: "copy")
        #expect(try reopened.opens("u1", sealed))
        #expect(!Files.isThere(left))
        #expect(try Files.bytes(fixture.masterKeyPath) == key)
        #expect(Array(try file.readToEnd() ?? Data()) == (isThePresentFile ? key : [UInt8](repeating: 0, count: 24)))
        try reopened.vault.rotateMasterKey()
        #expect(try Files.bytes(fixture.masterKeyPath) != key)
        #expect(try reopened.killed(as: "again").opens("u1", sealed))
    }

    /// Whatever part of the slots had been re-wrapped in whichever file, all opens, and the rotation goes on.
    @Test func rotationThatWasKilledGoesOn() throws {
        let fixture = try VaultFixture()
        for number: UInt32 in 2..<30 { try fixture.vault.addTenant(TenantNumber(number)) }
        let sealed = try VaultFixture.sealed(by: fixture.make("u1"))
        let oldKey = try Files.bytes(fixture.masterKeyPath)
        let before = try fixture.files.map(Files.bytes)
        try fixture.vault.rotateMasterKey()
        let newKey = try Files.bytes(fixture.masterKeyPath)
        let after = try fixture.files.map(Files.bytes)
        for moment in 0..<60 {
            // The first file first: its write is complete before the second's begins.
            let done = [min(moment, 30), max(moment - 30, 0)]
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(atPath: "\(folder.path)/vault", withIntermediateDirectories: true)
            try Data(newKey + oldKey).write(to: URL(fileURLWithPath: "\(folder.path)/master.key"))
            try Files.setMode("\(folder.path)/master.key", 0o600)
            for file in 0..<2 {
                let middle = done[file] * 2 * SlotRecord.byteCount
                try Data(after[file][..<middle] + before[file][middle...])
                    .write(to: URL(fileURLWithPath: "\(folder.path)/vault/\(["keys.a", "keys.b"][file])"))
            }
            let killed = try VaultFixture(folder)
            #expect(try killed.opens("u1", sealed))
            #expect((1..<30).allSatisfy { killed.vault.hasTenant(TenantNumber($0)) })
            try killed.vault.rotateMasterKey()
            #expect(try Files.bytes(killed.masterKeyPath) == newKey)
            #expect(try killed.killed(as: "again").opens("u1", sealed))
        }
    }
}
