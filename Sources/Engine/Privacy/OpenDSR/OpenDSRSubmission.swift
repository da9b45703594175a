/// A request as OpenDSR has it (2.0, 7.1), checked.
package struct OpenDSRSubmission: Sendable {
    /// What it may ask for.
    static let kinds: [DataRequest.Kind] = [.access, .portability, .erasure]
    /// Under which laws.
    static let regulations = ["gdpr", "ccpa"]

    let subjectRequestID: String
    let kind: DataRequest.Kind
    let regulation: String
    let submittedAt: Timestamp
    let identities: [OpenDSRIdentity]
    let callbackURLs: [String]
    /// The whole body as it was sent.
    let body: [UInt8]
    let isLegacy: Bool

    /// The members as they stand in the body.
    package struct Members: Sendable {
        package var subjectRequestID: String
        package var kind: String
        package var regulation: String?
        package var submittedTime: String
        package var identities: [OpenDSRIdentity]
        package var callbackURLs: [String]

        package init(
            subjectRequestID: String, kind: String, regulation: String?, submittedTime: String, identities: [OpenDSRIdentity],
            callbackURLs: [String]
        ) {
            (self.subjectRequestID, self.kind, self.regulation) = (subjectRequestID, kind, regulation)
            (self.submittedTime, self.identities) = (submittedTime, identities)
            self.callbackURLs = callbackURLs
        }
    }

    /// - Throws: `.invalid` for what the specification does not allow.
    package init(
        _ members: Members, body: [UInt8], isLegacy: Bool, allowsPlainCallbacks: Bool
    ) throws(EngineError) {
        guard Self.isUUID(members.subjectRequestID) else {
            throw .invalid("/subject_request_id", "must be a UUID of version 4 in lower case")
        }
        guard let kind = DataRequest.Kind(rawValue: members.kind), Self.kinds.contains(kind) else {
            throw .invalid("/subject_request_type", "must be one of \(Self.kinds.map(\.rawValue).joined(separator: ", "))")
        }
        guard let submittedAt = Timestamp(rfc3339: members.submittedTime) else {
            throw .invalid("/submitted_time", "must be an RFC 3339 time")
        }
        // OpenGDPR 1.0 knew of one law alone, and had no such member.
        guard let regulation = members.regulation ?? (isLegacy ? "gdpr" : nil), Self.regulations.contains(regulation) else {
            throw .invalid("/regulation", "must be one of \(Self.regulations.joined(separator: ", "))")
        }
        guard (1...Limits.openDSRIdentitiesMax).contains(members.identities.count) else {
            throw .invalid("/subject_identities", "must hold 1 to \(Limits.openDSRIdentitiesMax) identities")
        }
        guard members.callbackURLs.count <= Limits.openDSRCallbacksMax else {
            throw .invalid("/status_callback_urls", "must hold at most \(Limits.openDSRCallbacksMax) URLs")
        }
        for (place, url) in members.callbackURLs.enumerated() where !CallbackURL.isGood(url, allowsPlain: allowsPlainCallbacks) {
            throw .invalid("/status_callback_urls/\(place)", "must be an https URL without a user or a fragment")
        }
        (subjectRequestID, self.kind, self.regulation, self.submittedAt) = (members.subjectRequestID, kind, regulation, submittedAt)
        (identities, callbackURLs, self.body, self.isLegacy) = (members.identities, members.callbackURLs, body, isLegacy)
    }

    /// RFC 9562: `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`, y being 8, 9, a or b.
    package static func isUUID(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (place, byte) in text.utf8.enumerated() {
            let isHexadecimal = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
            let isGood =
                switch place {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                case 14: byte == UInt8(ascii: "4")
                case 19: "89ab".utf8.contains(byte)
                default: isHexadecimal
                }
            if !isGood { return false }
        }
        return true
    }
}
