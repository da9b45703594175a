import Engine
import HTTPTypes
import NIOCore

/// The form that makes a behavioral profile: what was sent, and what is wrong with it, to be shown where it is to be mended.
struct BehavioralProfileForm: Sendable {
    var userID = ""
    var score = ""
    var interests = ""
    var leadID = ""
    var level = ""
    /// By field.
    private(set) var errors: [String: String] = [:]

    init() {}

    init(_ form: PageForm) throws(EngineError) {
        userID = try form.exactText("user_id")
        score = try form.text("behavioral_score") ?? ""
        interests = try form.text("interests") ?? ""
        leadID = try form.text("lead_id") ?? ""
        level = try form.text("engagement_level") ?? ""
    }

    /// - Throws: `.invalid` with everything that is no such value.
    func read() throws(EngineError) -> (UserID, BehavioralProfileChange) {
        var violations: [EngineError.Violation] = []
        var change = BehavioralProfileChange()
        change.interests = interests
        change.leadID = leadID.isEmpty ? nil : Self.json(leadID)
        // Decimals alone: what else a number can be written as here is none in JSON, or no score.
        change.score = score.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") } ? Double(score) : nil
        if change.score?.isFinite != true {
            violations.append(.init(pointer: "/behavioral_score", detail: score.isEmpty ? "is missing" : "must be a number from 0 to 100"))
        }
        change.level = EngagementLevel(rawValue: level)
        if change.level == nil, !level.isEmpty {
            violations.append(.init(pointer: "/engagement_level", detail: "must be high, medium or low"))
        }
        var user: UserID?
        do throws(EngineError) {
            if userID.isEmpty { throw .invalid("/user_id", "is missing") }
            user = try UserID(userID, pointer: "/user_id")
        } catch {
            violations += error.violations
        }
        guard violations.isEmpty, let user else { throw .invalid(violations) }
        return (user, change)
    }

    /// Notes what is wrong.
    /// - Returns: what to answer; nil for what the form can do nothing about.
    mutating func take(_ error: EngineError) -> HTTPResponse.Status? {
        switch error.code {
        case .invalid:
            for violation in error.violations { errors[String(violation.pointer.dropFirst())] = violation.detail }
            return .unprocessableContent
        case .conflict:
            // There is one already, or the user is restricted.
            errors["user_id"] = error.detail
            return .conflict
        default: return nil
        }
    }

    /// As the API would have it: an integer as one, anything else as text.
    private static func json(_ text: String) -> [UInt8] {
        if let number = Int64(text), String(number) == text { return Array(text.utf8) }
        var writer = JSONWriter()
        writer.value(text)
        return Array(writer.buffer.readableBytesView)
    }
}
