import Synchronization

/// Where the installation is reached: the base of the token issuer. Not known before the port is, where the port is 0.
package final class PublicURL: Sendable {
    private let url: Mutex<String>

    init(_ url: String) {
        self.url = Mutex(url)
    }

    /// Without a slash at the end.
    package var text: String { url.withLock { $0 } }

    /// To be called before the first token is made or verified.
    package func settle(_ text: String) {
        url.withLock { $0 = text }
    }
}
