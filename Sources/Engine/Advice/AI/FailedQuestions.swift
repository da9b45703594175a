/// Questions that the provider has answered with nothing usable: asked again and
/// again they would most likely be so each time, and be paid each time. Once is chance: from the second time on they wait, ever longer.
struct FailedQuestions: Sendable {
    private struct Failure: Sendable {
        let reason: FallbackReason
        let times: Int64
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
        return failure.times > 1 && now < failure.endsAt ? failure.reason : nil
    }

    mutating func note(_ subject: AIQuestion.Subject, digest: [UInt8], reason: FallbackReason, now: Timestamp) {
        let key = Key(subject: subject.hashValue, digest: digest)
        let times = min((failures.value(key)?.times ?? 0) + 1, 6)
        let seconds = min(Limits.aiFailedSecondsMin << (times - 1), Limits.aiFailedSecondsMax)
        failures.insert(Failure(reason: reason, times: times, endsAt: now.adding(seconds: seconds)), for: key)
    }

    /// To be called when the question has been answered.
    mutating func forget(_ subject: AIQuestion.Subject, digest: [UInt8]) {
        failures.remove(Key(subject: subject.hashValue, digest: digest))
    }
}
