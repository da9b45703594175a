import Engine
import Gateway
import HTTPTypes
import Testing

@Suite("EntityTag")
struct EntityTagTests {
    @Test(
        "reads If-Match, and nothing that is not ours",
        arguments: [
            ("*", .exists), (" * ", .exists), ("\"7\"", .versions([7])), ("\"7\", \"8\"", .versions([7, 8])), ("\"0\"", .versions([0])),
            ("W/\"7\"", .versions([])), ("7", .versions([])), ("\"07\"", .versions([])), ("\"+7\"", .versions([])),
            ("\"abc\"", .versions([])),
            ("\"\"", .versions([])), ("", .versions([])), ("\"18446744073709551616\"", .versions([])), ("x, \"9\"", .versions([9])),
        ] as [(String, Precondition)])
    func ifMatch(_ header: String, _ expected: Precondition) {
        #expect(EntityTag.precondition(of: [.ifMatch: header]) == expected)
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
        #expect(EntityTag.isUnmodified(7, headers: [.ifNoneMatch: header]) == isUnmodified)
    }

    @Test("matches no resource that does not exist with *")
    func ifNoneMatchAny() {
        #expect(!EntityTag.isUnmodified(0, headers: [.ifNoneMatch: "*"]))
    }
}
