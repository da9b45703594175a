import Logging
import Store
import SwiftProtobuf

/// A request that is not done yet, as a start finds it.
struct OpenRequest: Sendable {
    fileprivate static let logger = Logger(label: "attune.privacy")

    /// Of its line in the register.
    let name: String
    let record: OpenRequestRecord
}

extension Table {
    /// What is not done yet, the newest first, without those that cannot be read.
    func openRequests(now: Timestamp) async throws(EngineError) -> [OpenRequest] {
        var found: [OpenRequest] = []
        let prefix = Keyspace.openRequestPrefix
        try await forEachItem(in: Keyspace.partition(.requests), prefix: prefix, now: now) { item in
            let name = String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let record = try? OpenRequestRecord(stored: item.item.payload) else {
                return OpenRequest.logger.warning("an open request cannot be read")
            }
            found.append(OpenRequest(name: name, record: record))
        }
        return found
    }
}
