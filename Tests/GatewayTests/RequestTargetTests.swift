import Gateway
import Testing

@Suite("RequestTarget")
struct RequestTargetTests {
    @Test("lets plain targets pass", arguments: ["/", "/a/b", "/a/b/", "/a/%2F/b", "/a/../b", "/a?x=//y", "/a/:/b", "*"])
    func plain(_ target: String) throws {
        try RequestTarget.check(target)
    }

    @Test("finds nothing at empty segments", arguments: ["//", "//a", "/a//b", "/a//", "/a//?x"])
    func empty(_ target: String) {
        #expect(throws: Problem.notFound) { try RequestTarget.check(target) }
    }

    @Test("refuses raw bytes that should be encoded", arguments: ["/é", "/a b", "/a\u{7F}", "/a?é", "/a\u{301}/b"])
    func raw(_ target: String) {
        #expect(throws: Problem.malformedTarget) { try RequestTarget.check(target) }
    }
}
