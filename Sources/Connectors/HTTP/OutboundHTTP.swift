import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The process's one HTTP client: it pools connections, checks certificates, follows no redirect and logs nothing.
///
/// Whoever makes it closes it; a client that is dropped unclosed stops a debug build.
package final class OutboundHTTP: Sendable {
    private let client: HTTPClient

    package init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(Int64(ConnectorLimits.connectSecondsMax))
        configuration.connectionPool.idleTimeout = .seconds(Int64(ConnectorLimits.connectionIdleSeconds))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = ConnectorLimits.connectionsPerHostMax
        // Otherwise a refused connection is tried again until the time is over, and looks like a service that hangs.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends calls that are under way as `.unreachable` and closes all connections, within 2 s. Calling it again does nothing.
    package func close() async {
        try? await client.shutdown()
    }

    /// Sends once.
    /// - Parameter timeLimit: Covers the connection, the request and the whole answer.
    /// - Throws: `.timedOut` also where the calling task is cancelled; it ends at once then.
    func send(_ request: OutboundRequest, timeLimit: Duration) async throws(OutboundFailure) -> OutboundAnswer {
        let outcome = await withTaskGroup(of: Result<OutboundAnswer, OutboundFailure>.self) { race in
            race.addTask { await self.exchange(request) }
            race.addTask {
                // Also ends, early, when the caller is cancelled: nobody waits for the answer then either.
                try? await Task.sleep(for: timeLimit)
                return .failure(.timedOut)
            }
            defer { race.cancelAll() }
            return await race.next() ?? .failure(.timedOut)
        }
        return try outcome.get()
    }

    private func exchange(_ request: OutboundRequest) async -> Result<OutboundAnswer, OutboundFailure> {
        do {
            // No deadline here: the library's ends with the head of the answer, ours after its last byte.
            let response = try await client.execute(request.clientRequest, deadline: .distantFuture)
            let isSuccess = (200..<300).contains(response.status.code)
            // What an error's body says is never used. Left unread, it costs its connection and no time.
            let body = isSuccess ? try await response.body.collect(upTo: request.answerBytesMax) : ByteBuffer()
            guard !Task.isCancelled else { return .failure(.timedOut) }
            let status = Int(response.status.code)
            return .success(OutboundAnswer(status: status, headers: response.headers, body: Array(body.readableBytesView)))
        } catch is NIOTooManyBytesError {
            return .failure(.answerTooLong)
        } catch is CancellationError {
            return .failure(.timedOut)
        } catch {
            return .failure(.unreachable)
        }
    }

}

/// A POST with its body in memory.
struct OutboundRequest: Sendable {
    var url: String
    var headers: [HTTPField]
    var body: [UInt8]
    var answerBytesMax = ConnectorLimits.answerBytesMax

    fileprivate var clientRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }
}

/// One line of a request's head; names in lower case.
package struct HTTPField: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What came back; the body is there only where the status is a success.
struct OutboundAnswer: Sendable {
    var status: Int
    fileprivate var headers: HTTPHeaders
    var body: [UInt8]

    /// The first header of a name.
    subscript(header name: String) -> String? { headers.first(name: name) }
}

/// Why nothing came back.
enum OutboundFailure: Error, Sendable, Equatable {
    case timedOut
    /// No connection, a bad certificate, an answer that is no HTTP, or one that was cut off.
    case unreachable
    case answerTooLong
}
