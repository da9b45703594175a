import AttuneCrypto
import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// Payloads of records with private keys on their way into the store. They are copied by nobody, but freed without being wiped; so they are
/// wiped here, when the transaction has ended and nobody reads them any more.
final class SecretPayloads: Sendable {
    private let held = Mutex<[[UInt8]]>([])

    /// As `TableDraft.put`, for a record with a private key; also wipes what the item held.
    func put(
        _ key: Keyspace, _ record: some Message, in table: inout TableDraft, expiresAt: Timestamp? = nil
    ) throws(EngineError) {
        let payload: [UInt8]
        do {
            payload = try record.serializedBytes()
        } catch {
            throw EngineError(.internalError, "A record could not be written.")
        }
        let former = table.payload(of: key)
        held.withLock { held in
            held.append(payload)
            if let former { held.append(former) }
        }
        table.put(key, payload: payload, expiresAt: expiresAt)
    }

    /// To be called when the transaction has been committed; of one that failed nothing is known, and nothing is wiped.
    func wipe() {
        held.withLock { held in
            for payload in held { SecretBytes.wipe(payload) }
            held = []
        }
    }
}

extension Item {
    /// Reads a record with a private key; nothing of the key is left in memory but what `body` makes of it.
    func secretRecord<Record: Message, Output>(
        as _: Record.Type, _ privateKey: WritableKeyPath<Record, Data>, _ body: (Record, _ secret: [UInt8]) throws(EngineError) -> Output
    ) throws(EngineError) -> Output {
        var record = try record(as: Record.self)
        let secret = Array(record[keyPath: privateKey])
        // Nobody else holds what was opened for this call.
        defer {
            SecretBytes.wipe(payload)
            SecretBytes.wipe(secret)
        }
        record[keyPath: privateKey].wipe()
        record[keyPath: privateKey] = Data()
        return try body(record, secret)
    }
}

extension Data {
    /// A copy of a secret that is wiped when the last holder lets go of it.
    init(secret: RawSpan) {
        let count = secret.byteCount
        let storage = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
        secret.withUnsafeBytes { if let start = $0.baseAddress { storage.copyMemory(from: start, byteCount: count) } }
        self.init(
            bytesNoCopy: storage, count: count,
            deallocator: .custom { pointer, count in
                SecretBytes.wipe(UnsafeMutableRawBufferPointer(start: pointer, count: count))
                pointer.deallocate()
            })
    }

    /// Overwrites what nobody else holds.
    fileprivate mutating func wipe() {
        withUnsafeMutableBytes { SecretBytes.wipe($0) }
    }
}
