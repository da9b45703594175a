import AsyncHTTPClient
package import Engine
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Sends messages to addresses that a tenant's tools have named, and that are not to be trusted.
///
/// The name is looked up once, every address that it has is looked at, and the connection goes to one that was: a name that leads elsewhere
/// a moment later (DNS rebinding) leads nowhere new. No redirect is followed, certificates are checked against the name, and of the answer
/// no more is read than its status.
package struct CallbackSender: MessageSender {
    private let resolver: NameResolver
    private let allowsPrivate: Bool

    /// - Parameter allowsPrivate: whether messages may go to loopback and private addresses and over plain HTTP.
    package init(allowsPrivate: Bool, resolver: NameResolver = NameResolver()) {
        (self.allowsPrivate, self.resolver) = (allowsPrivate, resolver)
    }

    package func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        guard CallbackURL.isGood(message.url, allowsPlain: allowsPrivate), let host = URLComponents(string: message.url)?.host else {
            return .forbidden
        }
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return await withTaskGroup(of: DeliveryOutcome.self) { race in
            race.addTask { await self.send(message, to: name) }
            race.addTask {
                try? await Task.sleep(for: .seconds(ConnectorLimits.deliverySecondsMax))
                return .failed
            }
            defer { race.cancelAll() }
            return await race.next() ?? .failed
        }
    }

    private func send(_ message: OutgoingMessage, to host: String) async -> DeliveryOutcome {
        let addresses = await resolver.addresses(of: host)
        guard let address = addresses.first else { return .failed }
        // One bad address among good ones is no accident.
        guard allowsPrivate || addresses.allSatisfy(\.isPublic) else { return .forbidden }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(Int64(ConnectorLimits.deliveryConnectSecondsMax))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = NetworkAddress(host) == nil ? [host: address.text] : [:]
        // A client for one message: what it connects to is its own.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let outcome = await exchange(message, by: client)
        try? await client.shutdown()
        return outcome
    }

    private func exchange(_ message: OutgoingMessage, by client: HTTPClient) async -> DeliveryOutcome {
        var request = HTTPClientRequest(url: message.url)
        request.method = .POST
        request.headers = HTTPHeaders(message.headers.map { ($0.name, $0.value) })
        request.body = .bytes(ByteBuffer(bytes: message.body))
        do {
            let response = try await client.execute(request, deadline: .now() + .seconds(Int64(ConnectorLimits.deliverySecondsMax)))
            return (200..<300).contains(response.status.code) ? .delivered : .failed
        } catch {
            return .failed
        }
    }
}
