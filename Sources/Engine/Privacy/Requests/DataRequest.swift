import SwiftProtobuf

/// A line of the register: what a data subject has asked for, how it came in, until when there is time, and what has become of it.
///
/// It names nobody: whom it is about is a keyed digest.
package struct DataRequest: Sendable, Equatable {
    /// The rights of GDPR, Art. 15 to 21.
    package enum Kind: String, Sendable, CaseIterable {
        case access, portability, erasure, anonymization, rectification, restriction, objection
    }

    /// How it came in.
    package enum Source: String, Sendable, CaseIterable {
        /// A key of the tenant's.
        case api
        /// The person, with a token of their own.
        case user
        case privacyCenter = "privacy-center"
        case command
        case regulation
        case opendsr
        /// Entered by hand: a letter, a call.
        case manual
    }

    package enum Status: String, Sendable, CaseIterable {
        case pending
        case inProgress = "in_progress"
        case completed, cancelled
    }

    package struct Extension: Sendable, Equatable {
        package let at: Timestamp
        package let reason: String
        package let actor: String
    }

    /// What stands in the way.
    package enum Obstacle: String, Sendable {
        case hold
    }

    package let id: DataRequestID
    package let kind: Kind
    package let source: Source
    /// "gdpr", "ccpa" and so on.
    package var regulation = "gdpr"
    /// Keyed digest of the user's id; nil where it is about several or it is not known yet.
    package var subject: String?
    /// How many people it is about.
    package var subjects = 1
    package let receivedAt: Timestamp
    /// Who asked for it, as the log has it.
    package let actor: String
    package internal(set) var status = Status.pending
    package internal(set) var extensionGiven: Extension?
    package internal(set) var obstacle: Obstacle?
    package internal(set) var endedAt: Timestamp?
    package internal(set) var receiptID: String?

    /// - Parameters:
    ///   - receivedAt: from when its period counts, which the caller may have said.
    ///   - now: what it is named by.
    init(_ kind: Kind, source: Source, receivedAt: Timestamp, now: Timestamp, by actor: String) {
        id = .new(now: now)
        (self.kind, self.source, self.receivedAt, self.actor) = (kind, source, receivedAt, actor)
    }

    package var isOpen: Bool { endedAt == nil }

    package var period: ResponsePeriod { ResponsePeriod(receivedAt: receivedAt, isExtended: extensionGiven != nil) }

    /// nil where it has ended; negative: so many days late.
    package func daysLeft(now: Timestamp) -> Int? { isOpen ? period.daysLeft(now: now) : nil }
}

extension DataRequest {
    init(_ record: DataRequestRecord) throws(EngineError) {
        guard let kind = Kind(rawValue: record.kind), let source = Source(rawValue: record.source),
            let status = Status(rawValue: record.status)
        else { throw EngineError(.damaged, "A stored record cannot be read.") }
        id = DataRequestID(storedName: record.name)
        (self.kind, self.source, self.status) = (kind, source, status)
        regulation = record.regulation
        subject = record.subject.isEmpty ? nil : record.subject
        subjects = Int(record.subjects)
        receivedAt = Timestamp(milliseconds: record.receivedAt)
        actor = record.actor
        endedAt = record.hasEndedAt ? Timestamp(milliseconds: record.endedAt) : nil
        receiptID = record.receiptID.isEmpty ? nil : record.receiptID
        obstacle = Obstacle(rawValue: record.blockedBy)
        if record.hasExtension {
            let given = record.extension
            extensionGiven = Extension(at: Timestamp(milliseconds: given.at), reason: given.reason, actor: given.actor)
        }
    }

    var record: DataRequestRecord {
        .with {
            ($0.name, $0.kind, $0.source, $0.status) = (id.name, kind.rawValue, source.rawValue, status.rawValue)
            ($0.regulation, $0.actor, $0.subject, $0.subjects) = (regulation, actor, subject ?? "", UInt32(clamping: subjects))
            ($0.receiptID, $0.blockedBy) = (receiptID ?? "", obstacle?.rawValue ?? "")
            $0.receivedAt = receivedAt.milliseconds
            if let endedAt { $0.endedAt = endedAt.milliseconds }
            if let given = extensionGiven {
                $0.extension = .with { ($0.at, $0.reason, $0.actor) = (given.at.milliseconds, given.reason, given.actor) }
            }
        }
    }

    var key: Keyspace { .dataRequest(name: id.name) }

    /// What has ended is kept for as long as somebody may ask whether it was answered.
    var expiresAt: Timestamp? { endedAt?.adding(seconds: Limits.endedRequestSeconds) }
}
