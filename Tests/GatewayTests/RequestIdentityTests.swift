import Gateway
import Testing

@Suite("RequestIdentity")
struct RequestIdentityTests {
    @Test(
        "takes over plain request ids only",
        arguments: [
            ("a", true), ("A-b_c.9", true), (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
            ("", false),
            ("a b", false), ("a\"", false), ("é", false), ("a/b", false),
        ])
    func requestID(_ text: String, _ isPlain: Bool) {
        #expect(RequestIdentity.isPlain(text) == isPlain)
    }

    @Test(
        "takes over valid traceparents only",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false),
            ("00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01", false), ("", false),
        ])
    func traceparent(_ text: String, _ isValid: Bool) {
        #expect(RequestIdentity.isTraceparent(text) == isValid)
    }
}
