import Engine
import Gateway
import Synchronization
import Testing

@Suite("Text and paths of pages")
struct PageTextTests {
    @Test("groups digits", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-4200, "-4,200")])
    func numbers(_ number: Int, _ text: String) {
        #expect(PageText.number(number) == text)
    }

    @Test("says sizes and times in one unit")
    func units() {
        #expect(PageText.decimal(12.34) == "12.3")
        #expect(PageText.duration(seconds: 59) == "59 s" && PageText.duration(seconds: 7200) == "2 h")
        #expect(PageText.count(1, "user") == "1 user" && PageText.count(0, "user") == "0 users")
        let now = Timestamp(seconds: 1_764_000_000)
        #expect(PageText.ago(now.adding(seconds: -86_400 * 3), now: now) == "3 days ago")
        #expect(PageText.date(now, now: now) == "Nov 24, 16:00")
        #expect(PageText.date(now.adding(seconds: -86_400 * 365), now: now) == "Nov 24, 2024")
    }

    @Test("says in words how sure a prediction is")
    func confidence() {
        #expect(PageText.confidence(0.06) == "Low confidence (6%)" && PageText.confidence(0.2) == "Fair confidence (20%)")
        #expect(PageText.confidence(1) == "High confidence (100%)")
    }

    @Test(
        "never rounds a number to the other side of a threshold",
        arguments: [(39.99, "39.9"), (40, "40.0"), (69.96, "69.9"), (69.999_999, "69.9"), (70, "70.0"), (99.99, "99.9"), (100, "100.0")])
    func scores(_ score: Double, _ text: String) {
        #expect(PageText.score(score) == text)
        #expect((score >= 70) == (Double(text) ?? 0 >= 70) && (score >= 40) == (Double(text) ?? 0 >= 40))
    }

    @Test(
        "rounds what thresholds apply to down",
        arguments: [(0.499, "49%"), (0.5, "50%"), (0.29, "29%"), (0.999, "99%"), (1, "100%"), (0, "0%"), (0.004, "<1%")])
    func percents(_ value: Double, _ text: String) {
        #expect(PageText.percent(value) == text)
    }

    @Test("rounds shares, except to none and all")
    func shares() {
        #expect(PageText.percent(2, of: 3) == "67%" && PageText.percent(0, of: 3) == "0%" && PageText.percent(3, of: 3) == "100%")
        #expect(PageText.percent(1, of: 400) == "<1%" && PageText.percent(399, of: 400) == "99%" && PageText.percent(0, of: 0) == "0%")
    }

    @Test("says codes in words")
    func words() {
        #expect(PageText.words("key-created") == "Key created" && PageText.words("in_progress") == "In progress")
        #expect(PrivacyText.action("request-entered") == "Request added" && PrivacyText.action("token-revoked") == "Token revoked")
        #expect(PrivacyText.actor("secret-key:kpp7Sk9K") == "Secret key kpp7Sk9K" && PrivacyText.actor("console") == "Console")
        #expect(PrivacyText.source("privacy-center") == "Privacy center" && PrivacyText.purpose(.ai) == "AI")
    }

    @Test("takes paths of this server alone", arguments: ["/", "/profiles?q=a", "/a//b"])
    func localPaths(_ path: String) {
        #expect(LocalPath(path)?.text == path)
    }

    @Test("refuses what leads elsewhere", arguments: ["", "profiles", "//evil", "/\\evil", "https://evil", "/a b", "/\u{7F}", "/é"])
    func foreignPaths(_ path: String) {
        #expect(LocalPath(path) == nil)
    }

    @Test("encodes one component")
    func percent() {
        #expect(PercentEncoding.component("a/b c%é~") == "a%2Fb%20c%25%C3%A9~")
    }

    @Test("forgets failed attempts one by one")
    func attempts() throws {
        let clock = Mutex(ContinuousClock.now)
        let attempts = LoginAttempts { clock.withLock { $0 } }
        for _ in 0..<GatewayLimits.loginFailuresMax {
            #expect(attempts.waitSeconds("a") == nil)
            attempts.noteFailure("a")
        }
        let wait = try #require(attempts.waitSeconds("a"))
        #expect(wait > 0 && attempts.waitSeconds("b") == nil)
        clock.withLock { $0 += .seconds(wait) }
        #expect(attempts.waitSeconds("a") == nil)
    }

    @Test("takes the 64 bits of a network for one address")
    func addresses() {
        #expect(LoginAttempts.name(of: "2001:db8::1") == LoginAttempts.name(of: "2001:db8:0:0:ffff::2"))
        #expect(LoginAttempts.name(of: "2001:db8::1") != LoginAttempts.name(of: "2001:db8:0:1::1"))
        #expect(LoginAttempts.name(of: "10.0.0.1") == "10.0.0.1" && LoginAttempts.name(of: nil) == "none")
    }
}
