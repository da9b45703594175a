import AsyncHTTPClient
import Engine
import Foundation
import Glibc
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Performs an operation: through the server's socket where one serves the data folder, else by opening the folder itself.
struct OperationRunner {
    private static let timeoutHours: Int64 = 1
    private static let replyBytesMax = 1 << 30
    /// How long a command waits for a server that is starting or stopping, or for another command, to be done with the folder.
    private static let folderSecondsMax = 30
    private static let folderRetryMilliseconds = 50

    let settings: Settings

    /// - Throws: `OperationFailure`.
    func run<Requested: EngineOperation>(_ operation: Requested) async throws -> Requested.Answer {
        switch try await reach(operation, makesFolder: Requested.makesFolder) {
        case .answered(let answer): return answer
        case .opened(let engine):
            let result = await Result.of { () throws(EngineError) in try await operation.perform(on: engine) }
            await engine.close()
            do throws(EngineError) {
                return try result.get()
            } catch {
                throw OperationFailure(error)
            }
        }
    }

    /// How an operation can be performed.
    enum Way<Answer: Sendable>: Sendable {
        /// The server has performed it.
        case answered(Answer)
        /// No server serves the folder: this is it, to be closed by the caller.
        case opened(AttuneEngine)
    }

    /// Asks the server, or opens the folder; waits where a process that does not answer has it.
    /// - Throws: `OperationFailure`.
    func reach<Requested: EngineOperation>(_ operation: Requested, makesFolder: Bool) async throws -> Way<Requested.Answer> {
        var configuration = settings.engine
        configuration.checksPages = Requested.checksPages
        let end = ContinuousClock.now + .seconds(Self.folderSecondsMax)
        while true {
            if let reply = try await askServer(operation) { return .answered(try reply.get()) }
            guard makesFolder || FileManager.default.fileExists(atPath: settings.dataPath) else {
                throw OperationFailure(
                    EngineError(.notFound, "There is no data folder at \(settings.dataPath). Name it with --data, or make a tenant first."))
            }
            do throws(EngineError) {
                return .opened(try await AttuneEngine.open(configuration))
            } catch {
                guard error == DataFolder.inUse, ContinuousClock.now < end else { throw OperationFailure(error) }
            }
            try await Task.sleep(for: .milliseconds(Self.folderRetryMilliseconds))
        }
    }

    /// - Returns: nil where no server serves the folder.
    private func askServer<Requested: EngineOperation>(_ operation: Requested) async throws -> OperationReply<Requested.Answer>? {
        guard let socket = SocketPath(folder: settings.dataPath), socket.isServed else { return nil }
        // Its path names a folder that it holds open.
        defer { withExtendedLifetime(socket) {} }
        guard let url = URL(httpURLWithSocketPath: socket.path, uri: "/operations") else { return nil }
        let client = HTTPClient.shared
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .POST
        request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(OperationRequest(operation))))
        do {
            let response = try await client.execute(request, timeout: .hours(Self.timeoutHours))
            let body = try await response.body.collect(upTo: Self.replyBytesMax)
            return try JSONDecoder().decode(OperationReply<Requested.Answer>.self, from: Data(buffer: body))
        } catch {
            throw OperationFailure(EngineError(.unavailable, "The server does not answer on its socket."))
        }
    }
}

/// The path of the server's socket, short however long the folder's path is: a socket's path is limited to 108 bytes, so it is
/// given relative to the open folder.
final class SocketPath {
    let path: String
    private let folder: Int32

    /// - Returns: nil where there is no such folder.
    init?(folder path: String) {
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        self.path = DataFolder.socketPath(in: "/proc/self/fd/\(folder)")
    }

    deinit {
        close(folder)
    }

    /// Whether somebody listens. A server that was killed leaves its socket behind.
    var isServed: Bool {
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard client >= 0 else { return false }
        defer { close(client) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

extension Result {
    fileprivate static func of(_ body: () async throws(Failure) -> Success) async -> Result {
        do throws(Failure) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
