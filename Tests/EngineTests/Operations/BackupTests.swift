import Engine
import Foundation
import Testing

@Suite("Backup and restore") struct BackupTests {
    private func backUp(_ fixture: EngineFixture) async throws -> String {
        let path = "\(fixture.folder.path)/backup"
        _ = try await BackUp(folder: path).perform(on: fixture.engine)
        return path
    }

    private func restore(_ fixture: EngineFixture, into name: String, keepsMasterKey: Bool = false, losesTenants: Bool = false) async throws
        -> EngineFixture
    {
        let configuration = EngineFixture.configuration(fixture.folder, name)
        let now = fixture.now
        let restore = Restore(
            from: "\(fixture.folder.path)/backup", configuration, keepsMasterKey: keepsMasterKey, losesTenants: losesTenants
        ) { now }
        _ = try await restore.run()
        return try await EngineFixture(fixture.folder, name: name, now: now)
    }

    @Test func anEmptyFolderGetsEverything() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        for number in 0..<20 { try await fixture.use("f\(number)", by: "u\(number)", fixture.scope(key)) }
        let backup = try await backUp(fixture)
        #expect(await fixture.code { _ = try await BackUp(folder: backup).perform(on: fixture.engine) } == .conflict)
        for file in try Files.all(below: backup) { #expect(try Files.mode(file) == 0o600) }
        let restored = try await restore(fixture, into: "restored", keepsMasterKey: true)
        for number in 0..<20 {
            let profile = try await restored.profile(of: "u\(number)", restored.scope(key)).value
            #expect(profile.features.map(\.feature) == ["f\(number)"])
        }
        #expect(try Files.mode("\(restored.dataPath)/master.key") == 0o600)
        for file in try Files.all(below: restored.dataPath) { #expect(try Files.mode(file) & 0o077 == 0) }
        #expect(!Files.isThere("\(restored.dataPath)/store.new") && !Files.isThere("\(restored.dataPath)/vault.new"))
        #expect(try await Diagnose().perform(on: restored.engine).problems == [])
    }

    @Test func withoutTheMasterKeyOrWithAnotherNothingIsRestored() async throws {
        let (fixture, other) = (try await EngineFixture(), try await EngineFixture())
        try await fixture.makeTenant()
        let backup = try await backUp(fixture)
        var configuration = EngineFixture.configuration(fixture.folder, "restored")
        configuration.masterKeyPath = nil
        let without = Restore(from: backup, configuration, keepsMasterKey: false)
        #expect(await fixture.code { _ = try await without.run() } == .invalid)
        configuration.masterKeyPath = "\(other.folder.path)/master.key"
        let wrong = Restore(from: backup, configuration, keepsMasterKey: false)
        #expect(await fixture.code { _ = try await wrong.run() } == .unavailable)
        #expect(try await ListTenants().perform(on: restore(fixture, into: "restored").engine).map(\.tenant) == ["acme"])
    }

    @Test func whatIsNoBackupIsRefused() async throws {
        let fixture = try await EngineFixture()
        let restore = Restore(from: fixture.folder.path, EngineFixture.configuration(fixture.folder, "data"), keepsMasterKey: false)
        #expect(await fixture.code { _ = try await restore.run() } == .conflict)
        let backup = try await backUp(fixture)
        let busy = Restore(from: backup, EngineFixture.configuration(fixture.folder, "data"), keepsMasterKey: false)
        #expect(await fixture.code { _ = try await busy.run() } == .unavailable)
    }

    @Test func aBackupThatFailsLeavesNothing() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let lost = "\(fixture.dataPath)/vault/keys.b"
        try FileManager.default.moveItem(atPath: lost, toPath: "\(lost).away")
        #expect(await fixture.code { _ = try await backUp(fixture) } == .unavailable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted() == ["data", "master.key"])
        try FileManager.default.moveItem(atPath: "\(lost).away", toPath: lost)
        _ = try await backUp(fixture)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted() == ["backup", "data", "master.key"])
    }

    /// What was destroyed, revoked, suspended or rotated since the backup stays so; what was made since is gone cleanly.
    @Test func aFolderInUseKeepsWhatWasTakenAway() async throws {
        let fixture = try await EngineFixture()
        for name in ["acme", "suspended", "deleted", "bare"] { try await fixture.makeTenant(name) }
        let (stays, goes) = (try await fixture.makeKey(), try await fixture.makeKey())
        let suspended = try await fixture.makeKey("suspended").key
        let (token, revoked) = (try await fixture.mint(ttlSeconds: 3600), try await fixture.mint(ttlSeconds: 3600))
        let scope = try fixture.scope(stays.key)
        try await fixture.use("old", by: "u1", scope)
        _ = try await backUp(fixture)
        try await fixture.use("new", by: "u1", scope)
        try await fixture.use("new", by: "later", scope)
        try await fixture.makeTenant("later")
        let bareKey = try await fixture.makeKey("bare").key
        try await fixture.use("new", by: "u1", fixture.scope(bareKey))
        _ = try await RevokeKey(id: goes.id).perform(on: fixture.engine)
        try await fixture.engine.tokens.revoke(scope, token: revoked)
        _ = try await SuspendTenant(tenant: "suspended", isSuspended: true).perform(on: fixture.engine)
        _ = try await DeleteTenant(tenant: "deleted").perform(on: fixture.engine)
        _ = try await RotateTokenKey(tenant: "acme", publishedAheadSeconds: 0).perform(on: fixture.engine)
        _ = try await RotateWrappingKey(tenant: "acme").perform(on: fixture.engine)
        _ = try await RotateMasterKey().perform(on: fixture.engine)
        let newer = try await fixture.mint(ttlSeconds: 3600)
        await fixture.engine.close()

        // The tenant made since would be lost.
        #expect(await fixture.code { _ = try await restore(fixture, into: "data") } == .conflict)
        let restored = try await restore(fixture, into: "data", losesTenants: true)
        let again = try restored.scope(stays.key)
        #expect(try await ListTenants().perform(on: restored.engine).map(\.tenant) == ["acme", "bare", "suspended"])
        #expect(try await restored.profile(of: "u1", again).value.features.map(\.feature) == ["old"])
        #expect(try await restored.profile(of: "later", again).version == 0)
        for credential in [goes.key, revoked] {
            #expect(await restored.code { _ = try restored.scope(credential) } == .unauthenticated)
        }
        #expect(await restored.code { _ = try restored.scope(suspended) } == .forbidden)
        for token in [token, newer] { _ = try restored.scope(token) }
        try await restored.use("again", by: "later", again)
        // A key made since the backup stands, for it may have taken the place of one that has ended.
        let bare = try restored.scope(bareKey)
        #expect(try await restored.profile(of: "u1", bare).version == 0)
        for name in ["later", "deleted"] {
            let scope = try await restored.tenantScope(name)
            try await restored.use("a", by: "u1", scope)
        }
        #expect(try await Diagnose().perform(on: restored.engine).problems == [])
        let last = try await restored.reopened()
        #expect(try await last.profile(of: "later", last.scope(stays.key)).value.features.map(\.feature) == ["again"])
        #expect(try await Diagnose().perform(on: last.engine).problems == [])
    }

    /// Otherwise an entity tag of before could be met by another state.
    @Test(arguments: ["data", "empty"])
    func noVersionFromBeforeARestoreIsMetAfterIt(folder: String) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let key = try await fixture.makeKey().key
        try await fixture.use("a", by: "u1", scope)
        _ = try await backUp(fixture)
        var before: Set<UInt64> = []
        for number in 0..<100 {
            try await fixture.use("f\(number)", by: "u1", scope)
            before.insert(try await fixture.profile(of: "u1", scope).version)
        }
        await fixture.engine.close()
        fixture.advance(seconds: 1)
        let restored = try await restore(fixture, into: folder)
        let again = try restored.scope(key)
        for number in 0..<100 {
            try await restored.use("g\(number)", by: "u1", again)
            #expect(!before.contains(try await restored.profile(of: "u1", again).version))
        }
    }

    /// Killed when everything was ready, it is finished by whoever opens the folder.
    @Test func aRestoreThatWasKilledIsFinishedAtTheNextStart() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        try await fixture.use("old", by: "u1", fixture.scope(key))
        let backup = try await backUp(fixture)
        try await fixture.use("new", by: "u1", fixture.scope(key))
        let manager = FileManager.default
        for (name, isReady) in [("unready", false), ("ready", true)] {
            try fixture.folder.copy("data", as: name)
            let path = "\(fixture.folder.path)/\(name)"
            for part in ["store", "vault"] { try manager.copyItem(atPath: "\(backup)/\(part)", toPath: "\(path)/\(part).new") }
            if isReady { try Data().write(to: URL(fileURLWithPath: "\(path)/restore.begun")) }
            let opened = try await EngineFixture(fixture.folder, name: name)
            let features = try await opened.profile(of: "u1", opened.scope(key)).value.features.map(\.feature)
            #expect(features == (isReady ? ["old"] : ["new", "old"]) || features == ["old", "new"] && !isReady)
            for left in ["store.new", "vault.new", "restore.begun"] { #expect(!Files.isThere("\(path)/\(left)")) }
        }
    }
}
