import Logging
import Store

/// Reloads the live records into a fresh file while serving, and overwrites the old one.
package struct CompactStore: EngineOperation {
    package static let name = "privacy.compact"

    package struct Answer: Codable, Sendable {
        package let bytesBefore: Int
        package let bytesAfter: Int
        package let records: Int
        /// The longest that readers and writers had to wait for it.
        package let readersWaitedMilliseconds: Double
        package let writersWaitedMilliseconds: Double
    }

    package init() {}

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        do {
            let compacted = try await engine.store.compact()
            Logger(label: "attune").info("The store was compacted.", metadata: compacted.metadata)
            return Answer(
                bytesBefore: compacted.bytesBefore, bytesAfter: compacted.bytesAfter, records: compacted.records,
                readersWaitedMilliseconds: compacted.readersWaited / .milliseconds(1),
                writersWaitedMilliseconds: compacted.writersWaited / .milliseconds(1))
        } catch {
            throw EngineError(error)
        }
    }
}
