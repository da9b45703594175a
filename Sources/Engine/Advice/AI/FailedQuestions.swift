/// Questions that the provider has answered with nothing usable: asked again at once they would most likely be so again, and be paid again.
struct FailedQuestions: Sendable {
    private struct Failure: Sendable {
        let reason: FallbackReason
        let endsAt: Timestamp
    }

    private struct Key: Sendable, Hashable {
        /// Of tenant, user and kind, with a seed of this process.
        let subject: Int
        let digest: [UInt8]
    }

    private var failures = TwoGenerationCache<Key, Failure>(entriesMax: Limits.aiFailedQuestionsMax)

    /// Why the question is not to be asked yet; nil: it may be.
    mutating func reason(_ subject: AIQuestion.Subject, digest: [UInt8], now: Timestamp) -> FallbackReason? {
        let key = Key(subject: subject.hashValue, digest: digest)
        guard let failure = failures.value(key) else { return nil }
        if now < failure.endsAt { return failure.reason }
        failures.remove(key)
        return nil
    }

    mutating func note(_ subject: AIQuestion.Subject, digest: [UInt8], reason: FallbackReason, now: Timestamp) {
        let failure = Failure(reason: reason, endsAt: now.adding(seconds: Limits.aiFailedSeconds))
        failures.insert(failure, for: Key(subject: subject.hashValue, digest: digest))
    }
}
