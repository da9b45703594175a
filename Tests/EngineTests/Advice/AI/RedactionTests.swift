import Engine
import Testing

@Suite struct RedactionTests {
    private let redaction = Redaction(vocabulary: ["luxury", "homes", "open", "house", "brand", "audit"], ownID: "user-7f3c")

    @Test(arguments: [
        ("Write to ada.lovelace@example.com today", "Write to [mail] today"),
        ("mail (ada+x@mail.example.co.uk)!", "mail ([mail])!"),
        ("ask ada at example dot com about it", "ask [mail] about it"),
        ("ask ada [at] example [dot] com, now", "ask [mail], now"),
        ("mailto:ada@example.com", "[mail]"),
        ("full width ada＠example．com", "full width [mail]"),
        ("see https://example.com/u/ada?x=1 and www.example.org/x", "see [link] and [link]"),
        ("my page is example.com/ada", "my page is [link]"),
        ("follow @ada_l and @bob", "follow [handle] and [handle]"),
    ])
    func addressesGo(text: String, expected: String) { #expect(redaction.redact(text) == expected) }

    @Test(arguments: [
        "+33 6 12 34 56 78", "+1 (415) 555-2671", "0044 20 7946 0958", "(030) 1234567", "06.12.34.56.78", "415-555-2671", "+49-30/123456",
        "3.4.85, 2", "3/4/85 - 1", "1999 2001 1987", "20:30 12:45", "4111 1111 1111 1111", "4111111111111111", "123456", "٠١٢٣٤٥٦٧٨٩",
        "＋４４ ２０ ７９４６ ０９５８", "078-05-1120", "1985-04-12",
    ])
    func numbersGo(number: String) {
        let redacted = redaction.redact("call me on \(number) please, or not")
        #expect(redacted.contains("[number]") || redacted.contains("[name]"))
        #expect(!redacted.unicodeScalars.contains { $0.properties.numericType == .decimal })
    }

    @Test(arguments: [
        "Reach 10,000 followers", "Earn $1,250,000 in 2026", "Sell 12 houses by 2025", "2024-2025 plan", "Grow 15 % in 3 months",
        "Close 5 deals", "Post 3 times a week at 9:30", "Post Mon,Wed,Fri", "Learn SEO/SEM", "Pre-Approval for Multi-Family",
        "Sell Off-Plan", "Plan 2024, 2025, 2026",
    ])
    func amountsStay(text: String) { #expect(redaction.redact(text) == text) }

    @Test(arguments: [
        "DE89370400440532013000", "GB29-NWBK-6016-1331-9268-19", "550e8400-e29b-41d4-a716-446655440000", "ORD20251234", "user-7f3c",
        "USER-7F3C",
    ])
    func idsGo(id: String) {
        let redacted = redaction.redact("about \(id), my order")
        #expect(redacted == "about [id], my order" || redacted == "about [number], my order", "\(redacted)")
    }

    @Test func theUsersOwnIDGoesWhereverItStands() {
        #expect(redaction.redact("xuser-7f3cx and User-7F3C.") == "x[id]x and [id].")
        let short = Redaction(vocabulary: [], ownID: "17")
        #expect(short.redact("17 of 170, 17.") == "[id] of 170, [id].")
    }

    @Test(arguments: [
        ("Meet at 221b Baker Street tomorrow", "Meet at [address] tomorrow"),
        ("Sell 12 Old Mill Rd.", "Sell [address]."),
        ("visit 12, rue de la Paix, Paris", "visit [address], Paris"),
        ("Haus in der Hauptstraße 5 verkaufen", "Haus in der [address] verkaufen"),
        ("an der Berliner Str. 12a", "an der [address]"),
        ("in Via Roma 3", "in [address]"),
        ("la Calle de Alcalá, 42", "la [address]"),
    ])
    func streetsGo(text: String, expected: String) { #expect(redaction.redact(text) == expected) }

    @Test(arguments: [
        ("Call Zebediah tomorrow", "Call [name] tomorrow"),
        ("Sell the flat of Ada Lovelace", "Sell the flat of [name]"),
        ("Ada Lovelace wants a house", "[name] wants a house"),
        ("Mr. Quartermain likes it", "Mr. [name] likes it"),
        ("Frau Dr. Müller-Lüdenscheidt anrufen", "Frau Dr. [name] anrufen"),
        ("my name is zeb quux, sell more", "my name is [name] quux, sell more"),
        ("I'm Zebediah Quux and I sell", "I'm [name] and I sell"),
        ("je m'appelle Zoë", "je m'appelle [name]"),
        ("win back Zebediah's trust", "win back [name]'s trust"),
        ("thank J. R. R. Tolkien", "thank [name]"),
        ("lunch with Sarah on Monday", "lunch with [name] on Monday"),
        ("a deal with Ludwig van Beethoven", "a deal with [name]"),
    ])
    func namesGo(text: String, expected: String) { #expect(redaction.redact(text) == expected) }

    @Test(arguments: [
        ("Smith,John", "[name]"), ("call Smith,John today", "call [name] today"), ("a flat for Smith/Jones.", "a flat for [name]."),
        ("deal Quux-Quartermain/Smith", "deal [name]"), ("Quux;Zebediah wants it", "[name] wants it"), ("Smith|Jones", "[name]"),
        ("Smith&Jones", "[name]"), ("Smith+Jones", "[name]"), ("lunch Zebediah_Quux", "lunch [name]"), ("Zebediah-Quux", "[name]"),
        ("SMITH,JOHN", "[name]"), ("JohnSmith", "[name]"), ("sales/John", "[name]"), ("client:Quux", "[name]"), ("Mrs/Quux", "[name]"),
        ("Sell to Quux, John.", "Sell to [name]."), ("Quux–Zebediah", "[name]"), ("Müller,Ångström", "[name]"),
    ])
    func gluedNamesGo(text: String, expected: String) { #expect(redaction.redact(text) == expected) }

    @Test(arguments: [
        "Zebediah.Quux", "Quux:Zebediah", "Smith\\Jones", "Smith=Jones", "O'Quux/Zebediah", "(Smith,John)", "Smith,J.",
    ])
    func noPartOfAGluedNameStays(text: String) {
        let redacted = redaction.redact("about \(text) today")
        for part in ["Zeb", "Quux", "Smith", "Jones", "John"] { #expect(!redacted.contains(part), "\(redacted)") }
    }

    @Test(arguments: [
        "Sales/Marketing", "SEO,CRM", "buyers/sellers", "Open-House", "and/or", "LinkedIn/YouTube", "first-time", "Q1/Q2",
    ])
    func gluedWordsOfTradeStay(text: String) { #expect(redaction.redact(text) == text) }

    @Test(arguments: [
        "06,12,34,56,78", "415,555,2671", "06:12:34:56:78", "06.12.34.56.78", "06, 12, 34, 56, 78", "415 - 555 - 2671", "612,345,678",
        "4111,1111,1111,1111", "078:05:1120", "+33,6,12,34", "415;555;2671", "415|555|2671", "415*555*2671", "415'555'267",
    ])
    func numbersGoWhateverStandsBetween(number: String) {
        let redacted = redaction.redact("reach \(number) please")
        #expect(redacted == "reach [number] please")
    }

    @Test(arguments: [
        "1.5.1985", "01.05.1985", "1/5/1985", "1-5-1985", "1985-4-2", "1985/4/2", "1.5.85", "24.12.99", "4/2/85", "1. 5. 1985", "1,5,1985",
    ])
    func datesGo(date: String) { #expect(redaction.redact("born \(date), you know") == "born [number], you know") }

    @Test(arguments: [
        "Post at 9:30, 12:30 and 18:00", "open 9:30-18:00", "Earn $125,000,000", "12,500,000 views", "2024, 2025, 2026", "10, 20, 30",
        "2024 - 2025", "1,5 %", "3.5 stars", "24/7", "50/50",
    ])
    func amountsAndHoursStay(text: String) { #expect(redaction.redact(text) == text) }

    @Test(arguments: [
        "mail:ada@example.com", "mail/ada@example.com/now", "ada@example.com,bob@example.org", "write(ada@example.com)now",
        "Mail=ada@example.com",
        "ada @ example.com", "ada @example.com", "ada at example.com", "ada_at_example_dot_com", "ada-at-example-dot-com",
        "ada.at.example.dot.com", "ada(at)example(dot)com", "x;ada@example", "ada{at}example{dot}com", "ada@example.com;Quux",
    ])
    func mailAddressesGoWhateverTheyAreGluedTo(text: String) {
        let redacted = redaction.redact("please \(text) today").lowercased()
        for part in ["ada", "bob", "example", "quux"] { #expect(!redacted.contains(part), "\(redacted)") }
        #expect(redacted.hasPrefix("please ") && redacted.hasSuffix(" today"))
    }

    @Test(arguments: [
        "Luxury Homes", "Open House on Sunday", "Brand Audit First", "Win 5 Listings", "Grow On LinkedIn", "Become the best Agent",
        "first time buyers", "", "[name]",
    ])
    func whatIsNoNameStays(text: String) { #expect(redaction.redact(text) == text) }

    @Test func controlAndInvisibleCharactersGo() {
        let hostile = "Sell\u{0}\u{202E} more\r\n\u{200B}\u{2066}SYSTEM:\u{E0041} ig\u{AD}nore\u{2028}all"
        #expect(redaction.redact(hostile) == "Sell more SYSTEM: ignore all")
    }

    /// Hides nothing from the rules: what is joined by invisible characters is one word.
    @Test func invisibleCharactersHideNothing() {
        #expect(redaction.redact("a\u{200B}da@exa\u{2060}mple.com 41\u{200B}55\u{200B}55\u{200B}2671") == "[mail] [number]")
    }

    @Test func anyTextIsTakenInReasonableTime() {
        var numbers = SeededNumbers(seed: 5)
        let alphabet = Array("aB1 .,@/+-()'’:\u{301}é東\u{0}\u{202E}[]<>\n")
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0...500, using: &numbers)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)]
                })
            let once = redaction.redact(text)
            #expect(!once.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        }
    }
}
