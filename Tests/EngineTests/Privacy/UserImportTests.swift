import Engine
import FoundationEssentials
import Testing

@Suite("UserImport")
struct UserImportTests {
    private func importing(_ document: String, _ privacy: PrivacyFixture) async throws -> UserImport.Answer {
        let path = "\(privacy.fixture.folder.path)/import.json"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(document.utf8)))
        return try await ImportUser(tenant: "acme", path: path).perform(on: privacy.engine)
    }

    private static func export(_ members: String) -> String { #"{"exportVersion":1,\#(members)}"# }

    /// What a file says of other ids leads to nobody: neither to users who are here, nor to whoever comes later.
    @Test(arguments: [
        #""userId":"mallory","identity":{"joinedFrom":["victim"]}"#,
        #""userId":"mallory","identity":{"joinedInto":"victim"}"#,
        #""userId":"mallory","identity":{"joinedFrom":["victim"]},"joined":[{"userId":"phone","identity":{"joinedInto":"victim"}}]"#,
    ])
    func noOtherIdIsReached(members: String) async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("victim", canary: "victim")
        let before = try await privacy.items(of: "victim").count
        _ = try await importing(Self.export(members), privacy)
        for user in ["mallory", "phone"] {
            let scope = try privacy.fixture.scope(
                try await privacy.fixture.mint(user: user, scopes: ["privacy:export", "privacy:erase"]))
            var export = try await privacy.engine.exports.export(scope, scope.authorize(.exportUser, for: .me), format: .json)
            var text = ""
            while let piece = try await export.next() { text += String(decoding: piece, as: UTF8.self) }
            #expect(!text.contains("short victim"))
            _ = try await privacy.engine.erasures.erase(scope, scope.authorize(.eraseUser, for: .me))
        }
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("mallory"))
        #expect(try await privacy.items(of: "victim").count == before)
    }

    @Test func whoComesWithThePersonIsJoinedAgain() async throws {
        let privacy = try await PrivacyFixture()
        let joined = #"{"userId":"phone","consent":{"decisions":[],"source":"banner"}}"#
        _ = try await importing(Self.export(#""userId":"person","joined":[\#(joined)]"#), privacy)
        #expect(try await privacy.items(of: "phone").count == 2)
        let resolved = try await privacy.engine.persons.person(privacy.scope, privacy.user("phone", .readPerson))
        #expect(String(decoding: resolved.json, as: UTF8.self).contains(#""userId":"person","joinedIds":["phone"]"#))
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("person"))
        for user in ["person", "phone"] { #expect(try await privacy.items(of: user).isEmpty) }
    }
}
