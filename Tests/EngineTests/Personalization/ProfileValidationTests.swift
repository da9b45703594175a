import Engine
import Testing

@Suite("ProfileValidation")
struct ProfileValidationTests {
    private let now = PersonalizationFixture.now

    private func pointers(_ check: () throws(EngineError) -> Void) -> [String] {
        do throws(EngineError) {
            try check()
            return []
        } catch {
            #expect(error.code == .invalid)
            return error.violations.map(\.pointer)
        }
    }

    @Test(arguments: ["a", "marketing-plan", "日本語", String(repeating: "x", count: 128), String(repeating: "😀", count: 128)])
    func takesFeatureNames(name: String) {
        #expect(pointers { () throws(EngineError) in try ProfileValidation.featureName(name) }.isEmpty)
        #expect(pointers { () throws(EngineError) in try ProfileValidation.contentType(name) }.isEmpty)
    }

    @Test(arguments: ["", "a\u{0}b", "tab\t", "next\u{85}", String(repeating: "x", count: 129), String(repeating: "e\u{301}", count: 65)])
    func refusesFeatureNames(name: String) {
        #expect(pointers { () throws(EngineError) in try ProfileValidation.featureName(name) } == ["/feature"])
        #expect(pointers { () throws(EngineError) in try ProfileValidation.contentType(name) } == ["/contentType"])
    }

    @Test func pointsToEveryBadGoal() {
        let long = String(repeating: "x", count: 501)
        let found = pointers { () throws(EngineError) in
            try ProfileValidation.goals(shortTerm: ["ok", "", "ok", long], longTerm: ["", String(repeating: "x", count: 500)])
        }
        #expect(found == ["/shortTerm/1", "/shortTerm/3", "/longTerm/0"])
        let many = [String](repeating: "goal", count: 51)
        #expect(pointers { () throws(EngineError) in try ProfileValidation.goals(shortTerm: [], longTerm: many) } == ["/longTerm"])
    }

    @Test func checksMarketFocus() {
        #expect(pointers { () throws(EngineError) in try ProfileValidation.marketFocus(["ok", "\n"]) } == ["/marketFocus/1"])
        let many = [String](repeating: "area", count: 51)
        #expect(pointers { () throws(EngineError) in try ProfileValidation.marketFocus(many) } == ["/marketFocus"])
    }

    @Test(
        arguments: [(0, true), (1, true), (0.5, true), (-0.001, false), (1.001, false), (.nan, false), (.infinity, false)]
            as [(Double, Bool)])
    func checksProgress(progress: Double, isGood: Bool) {
        #expect(pointers { () throws(EngineError) in try ProfileValidation.progress(progress) } == (isGood ? [] : ["/progress"]))
    }

    @Test(arguments: [(300, true), (301, false), (-400 * 86_400, true), (-400 * 86_400 - 1, false), (0, true)] as [(Int64, Bool)])
    func checksTheMoment(offsetSeconds: Int64, isGood: Bool) {
        let moment = now.adding(seconds: offsetSeconds)
        #expect(pointers { () throws(EngineError) in try ProfileValidation.moment(moment, now: now) } == (isGood ? [] : ["/at"]))
    }

    @Test func checksTheTimeZone() {
        #expect(pointers { () throws(EngineError) in try ProfileValidation.timeZone("Europe/Paris") }.isEmpty)
        #expect(pointers { () throws(EngineError) in try ProfileValidation.timeZone("GMT+3") } == ["/timeZone"])
    }
}
