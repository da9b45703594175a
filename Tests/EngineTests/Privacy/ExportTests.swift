import Engine
import Foundation
import Testing

@Suite("UserExport") struct ExportTests {
    private func export(_ privacy: PrivacyFixture, _ id: String, _ format: ExportFormat = .json) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var export = try await privacy.engine.exports.export(privacy.scope, privacy.user(id, .exportUser), format: format)
        while let piece = try await export.next() { bytes += piece }
        return bytes
    }

    @Test func everythingThatIsHeldIsInIt() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("u1", canary: "cnry")
        try await privacy.join("visitor", to: "u1", canary: "cnry-v")
        let document = try #require(JSONSerialization.jsonObject(with: Data(try await export(privacy, "u1"))) as? [String: Any])
        #expect(document["userId"] as? String == "u1")
        #expect((document["events"] as? [Any])?.count == 10)
        #expect(Set(try #require(document["joinedIds"] as? [String])).contains("visitor"))
        for section in ["personalization", "consent", "traits", "behavioralProfile", "behavior", "identity"] {
            #expect(document[section] is [String: Any], "\(section)")
        }
        #expect((document["consentHistory"] as? [Any])?.count == 1)
        let text = String(decoding: try await export(privacy, "u1"), as: UTF8.self)
        for word in [
            "feature-cnry", "short cnry", "long cnry", "focus cnry", "content-cnry", "source cnry", "wording cnry", "channel cnry",
            "interests cnry", "name cnry", "cnry@example.org", "group-cnry", "plan cnry", "product-cnry", "category-cnry", "note cnry",
            "title cnry", "https://shop.example/page-cnry", "https://from.example/cnry", "https://shop.example/anon-cnry-v",
        ] { #expect(text.contains(word), "\(word)") }
        // The visitor's id names the same person.
        let visitors = try #require(JSONSerialization.jsonObject(with: Data(try await export(privacy, "visitor"))) as? [String: Any])
        #expect(visitors["userId"] as? String == "u1")
    }

    @Test func linesAndRowsHoldTheSame() async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("=u1", canary: "c")
        let lines = String(decoding: try await export(privacy, "=u1", .ndjson), as: UTF8.self).split(separator: "\n")
        let objects = try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        #expect(objects.count { $0["section"] as? String == "events" } == 8)
        let rows = String(decoding: try await export(privacy, "=u1", .csv), as: UTF8.self).components(separatedBy: "\r\n")
        let heading = CSVText.byteOrderMark + Array(#""section","userId","entry","part","name","value""#.utf8)
        #expect(rows[0].utf8.starts(with: heading))
        #expect(rows[1].hasPrefix(#""export","'=u1",1,1,"#))
    }

    @Test func ofNobodyEverySectionIsEmpty() async throws {
        let privacy = try await PrivacyFixture()
        let document = try #require(JSONSerialization.jsonObject(with: Data(try await export(privacy, "never"))) as? [String: Any])
        #expect(document["personalization"] is NSNull)
        #expect((document["events"] as? [Any])?.isEmpty == true)
        #expect(try await privacy.items(of: "never").isEmpty)
    }
}
