import Engine
import Foundation
import Store
import Testing

@Suite struct WrappingKeyRotationTests {
    private func wrappedBy(_ fixture: VaultFixture) throws -> [Set<UInt32>] {
        try fixture.files.map { file in
            let bytes = try Files.bytes(file)
            let records = stride(from: 0, to: bytes.count, by: SlotRecord.byteCount).compactMap { start in
                bytes[start..<(start + SlotRecord.byteCount)].withUnsafeBytes(SlotRecord.init)
            }
            return Set(records.filter { $0.kind == .data && $0.tenant == VaultFixture.tenant }.map(\.wrappedBy))
        }
    }

    @Test func everyKeyIsReWrappedInBothFiles() throws {
        let fixture = try VaultFixture()
        let sealed = try (0..<1500).map { try VaultFixture.sealed(by: fixture.make("u\($0)")) }
        for version: UInt32 in 2...4 {
            try fixture.vault.rotateWrappingKey(of: VaultFixture.tenant)
            #expect(try wrappedBy(fixture) == [[version], [version]])
        }
        let reopened = try fixture.killed(as: "copy")
        for (number, sealed) in sealed.enumerated() { #expect(try reopened.opens("u\(number)", sealed)) }
    }

    /// Slot 3 holds the tenant's first wrapping key; its second is the last slot that was taken.
    @Test func rotationThatWasKilledGoesOn() throws {
        let fixture = try VaultFixture()
        let sealed = try (0..<40).map { try VaultFixture.sealed(by: fixture.make("u\($0)")) }
        let before = try fixture.files.map(Files.bytes)
        try fixture.vault.rotateWrappingKey(of: VaultFixture.tenant)
        let after = try fixture.files.map(Files.bytes)
        let last = 4 + 40
        for done in stride(from: 0, through: 80, by: 4) {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(atPath: "\(folder.path)/vault", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: fixture.masterKeyPath, toPath: "\(folder.path)/master.key")
            for file in 0..<2 {
                var bytes = before[file]
                let rewrapped = file == 0 ? min(done, 40) : max(done - 40, 0)
                for slot in Array(4..<(4 + rewrapped)) + [last] {
                    let place = (slot * SlotRecord.byteCount)..<((slot + 1) * SlotRecord.byteCount)
                    bytes.replaceSubrange(place, with: after[file][place])
                }
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/vault/\(["keys.a", "keys.b"][file])"))
            }
            let killed = try VaultFixture(folder)
            for (number, sealed) in sealed.enumerated() { #expect(try killed.opens("u\(number)", sealed)) }
            try killed.make("new")
            try killed.vault.rotateWrappingKey(of: VaultFixture.tenant)
            #expect(try wrappedBy(killed) == [[2], [2]])
            let again = try killed.killed(as: "again")
            for (number, sealed) in sealed.enumerated() { #expect(try again.opens("u\(number)", sealed)) }
        }
    }

    /// Several rotations of both kinds at once, while others read and make users.
    @Test func rotationGoesOnWhileOthersReadAndMakeUsers() async throws {
        let fixture = try VaultFixture()
        let sealed = try (0..<200).map { try VaultFixture.sealed(by: fixture.make("u\($0)")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask { for _ in 0..<4 { try fixture.vault.rotateWrappingKey(of: VaultFixture.tenant) } }
                group.addTask { for _ in 0..<4 { try fixture.vault.rotateMasterKey() } }
            }
            group.addTask { for number in 0..<200 { try fixture.make("new\(number)") } }
            for _ in 0..<2 {
                group.addTask {
                    for round in 0..<2000 {
                        let isOpen = try fixture.opens("u\(round % 200)", sealed[round % 200])
                        #expect(isOpen)
                    }
                }
            }
            try await group.waitForAll()
        }
        let reopened = try fixture.killed(as: "copy")
        for (number, sealed) in sealed.enumerated() { #expect(try reopened.opens("u\(number)", sealed)) }
        #expect(try (0..<200).allSatisfy { try reopened.seal("new\($0)") != nil })
    }
}
