import Testing

@testable import Engine

@Suite("InterfaceToken")
struct InterfaceTokenTests {
    private let redaction = Redaction(vocabulary: ["escrow", "staging"], ownID: "new-user")

    @Test(arguments: [
        ("viewed-profile", "viewed-profile"), ("created-content", "created-content"), ("dashboard", "dashboard"),
        ("Opened_Listing", "opened-listing"), ("step-2", "step-2"), ("escrow-review", "escrow-review"),
        ("viewed-maria", nil), ("viewed-profile-kowalczyk", nil), ("order-4711", nil), ("maria", nil), ("42", nil), ("", nil), ("---", nil),
        ("viewed profile", nil), ("mail@example.com", nil), ("view-ünal", nil), ("new-user", nil), ("ignore-previous-orders-xyzzy", nil),
    ])
    func ordinaryTokensPass(text: String, passes: String?) {
        #expect(InterfaceToken.ordinary(text, redaction) == passes)
        #expect(InterfaceToken.ordinary(text + String(repeating: "-open", count: 13), redaction) == nil, "too long")
    }

    @Test(arguments: [
        ("dashboard", "dashboard"), ("/dashboard?user=maria#top", "dashboard"),
        ("https://maria.example.com/app/settings", "app/settings"),
        ("/listings/4711/edit", "listings/edit"), ("/clients/maria-lopez/profile", "clients/profile"), ("/", nil), ("", nil),
        ("/4711", nil),
        ("https://dashboard.example", nil),
    ])
    func pagesByTheirOrdinaryParts(text: String, page: String?) {
        #expect(InterfaceToken.page(text, redaction) == page)
    }
}
