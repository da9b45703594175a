import Engine
import Gateway
import HTTPTypes
import Testing

@Suite("EntityTag")
struct EntityTagTests {
    @Test(
        "reads If-Match, and nothing that is not ours",
        arguments: [
            ("\"7\"", [7]), ("\"7\", \"8\"", [7, 8]), ("\"0\"", [0]), ("x, \"9\"", [9]),
            ("W/\"7\"", []), ("7", []), ("\"07\"", []), ("\"+7\"", []), ("\"abc\"", []), ("\"\"", []), ("", []),
            ("\"18446744073709551616\"", []),
        ] as [(String, [UInt64])])
    func ifMatch(_ header: String, _ expected: [UInt64]) {
        let tags = expected.map { EntityTagValue(number: $0) }
        #expect(EntityTag.precondition(of: [.ifMatch: header]) == .tags(tags))
    }

    @Test("reads a star as any version", arguments: ["*", " * "])
    func star(_ header: String) {
        #expect(EntityTag.precondition(of: [.ifMatch: header]) == .exists)
    }

    @Test("has no condition without the header")
    func none() {
        #expect(EntityTag.precondition(of: [:]) == nil)
    }

    @Test(
        "compares If-None-Match weakly",
        arguments: [
            ("\"7\"", true), ("W/\"7\"", true), ("\"8\", \"7\"", true), ("*", true), ("\"8\"", false), ("7", false), ("", false),
        ])
    func ifNoneMatch(_ header: String, _ isUnmodified: Bool) {
        #expect(EntityTag.isUnmodified(.init(number: 7), headers: [.ifNoneMatch: header]) == isUnmodified)
    }

    @Test("matches no resource that does not exist with *")
    func ifNoneMatchAny() {
        #expect(!EntityTag.isUnmodified(.init(number: 0), headers: [.ifNoneMatch: "*"]))
    }
}
