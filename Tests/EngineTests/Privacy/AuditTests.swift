import Engine
import Foundation
import Testing

@Suite("Audit") struct AuditTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ base64URL: String) throws -> Value {
        try JSONDecoder().decode(type, from: #require(Data(base64URL: base64URL)))
    }

    @Test func everyEntryIsUnderTheCheckpoint() async throws {
        let privacy = try await PrivacyFixture()
        for number in 0..<20 { _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u\(number)")) }
        var (entries, cursor): ([Audit.Entry], String?) = ([], nil)
        var last: SignedDocument?
        repeat {
            let page = try await privacy.engine.audit.page(privacy.scope, limit: 7, cursor: cursor)
            entries += page.items
            (cursor, last) = (page.nextCursor, page.checkpoint)
        } while cursor != nil
        let checkpoint = try decode(CheckpointPayload.self, #require(last).payload)
        #expect(entries.map(\.index) == Array(0..<UInt64(entries.count)) && checkpoint.treeSize == UInt64(entries.count))
        #expect(entries.filter { $0.action == "erasure" }.count == 20)
        var frontier = try #require(MerkleFrontier())
        for entry in entries { _ = frontier.append(MerkleTree.leafHash(try #require(Base64.decode(entry.leaf)))) }
        #expect(Base64.encode(frontier.root) == checkpoint.rootHash)
        for entry in entries {
            let leaf = try #require(JSONSerialization.jsonObject(with: Data(base64Encoded: entry.leaf) ?? Data()) as? [String: Any])
            #expect(leaf["action"] as? String == entry.action)
        }
    }

    @Test func growthIsProved() async throws {
        let privacy = try await PrivacyFixture()
        var roots: [UInt64: [UInt8]] = [:]
        for number in 0..<9 {
            _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u\(number)"))
            let page = try await privacy.engine.audit.page(privacy.scope, limit: 1, cursor: nil)
            let checkpoint = try decode(CheckpointPayload.self, page.checkpoint.payload)
            let root = try #require(Base64.decode(checkpoint.rootHash))
            roots[checkpoint.treeSize] = root
        }
        for (first, old) in roots {
            for (second, new) in roots where first <= second {
                let proof = try await privacy.engine.audit.consistency(privacy.scope, first: "\(first)", second: "\(second)")
                let path = proof.path.compactMap { Base64.decode($0) }
                #expect(MerkleTree.isConsistent(first: first, root: old, second: second, root: new, path: path))
            }
        }
        for (first, second) in [("1", "1000"), ("3", "2"), ("x", "2"), ("-1", "2")] {
            #expect(
                await privacy.fixture.code { _ = try await privacy.engine.audit.consistency(privacy.scope, first: first, second: second) }
                    == .invalid)
        }
    }

    @Test func aReceiptThatWasChangedIsNotValid() async throws {
        let privacy = try await PrivacyFixture()
        for number in 0..<5 { _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u\(number)")) }
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
        let json = String(decoding: try JSONEncoder().encode(receipt), as: UTF8.self)
        #expect(try await privacy.engine.audit.isValid(privacy.scope, receipt))
        var object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let log = try #require(object["log"] as? [String: Any])
        var changes: [[String: Any]] = []
        for (member, value) in [("payload", receipt.id), ("signature", receipt.protected), ("id", "rcp_other")] {
            changes.append(object.merging([member: value]) { $1 })
        }
        for (member, value): (String, Any) in [
            ("leafIndex", 0), ("treeSize", 3), ("rootHash", Base64.encode(MerkleTree.emptyRoot)), ("inclusionPath", [String]()),
        ] {
            object["log"] = log.merging([member: value]) { $1 }
            changes.append(object)
        }
        for change in changes {
            let changed = try JSONDecoder().decode(Receipt.self, from: JSONSerialization.data(withJSONObject: change))
            #expect(try await !privacy.engine.audit.isValid(privacy.scope, changed))
        }
    }

    @Test func anotherTenantsReceiptDoesNotExist() async throws {
        let privacy = try await PrivacyFixture()
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
        let other = try await privacy.fixture.tenantScope("other")
        #expect(await privacy.fixture.code { _ = try await privacy.engine.audit.receipt(other, id: receipt.id) } == .notFound)
        #expect(try await !privacy.engine.audit.isValid(other, receipt))
    }

    @Test func whoMayDoWhat() async throws {
        let privacy = try await PrivacyFixture()
        let receipt = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("u1"))
        let fixture = privacy.fixture
        let erase = try fixture.scope(try await fixture.mint(user: "u1", scopes: ["privacy:erase"]))
        let export = try fixture.scope(try await fixture.mint(user: "u2", scopes: ["privacy:export"]))
        let plain = try fixture.scope(try await fixture.mint(user: "u1"))
        let tooling = try fixture.scope(try await fixture.makeKey(kind: "privacy").key)
        let browser = try fixture.scope(try await fixture.makeKey(kind: "publishable").key)
        let u1 = UserReference.user(try UserID("u1"))
        for scope in [erase, tooling] { _ = try scope.authorize(.eraseUser, for: u1) }
        for scope in [export, plain, browser] {
            #expect(await fixture.code { _ = try scope.authorize(.eraseUser, for: u1) } == .forbidden)
        }
        #expect(try await privacy.engine.audit.receipt(erase, id: receipt.id).id == receipt.id)
        #expect(await fixture.code { _ = try await privacy.engine.audit.receipt(export, id: receipt.id) } == .notFound)
        for scope in [erase, export, plain, browser] {
            #expect(await fixture.code { _ = try await privacy.engine.audit.page(scope, limit: 1, cursor: nil) } == .forbidden)
        }
        #expect(try await privacy.engine.audit.page(tooling, limit: 1, cursor: nil).items.count == 1)
    }
}
