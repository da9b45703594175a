import Engine
import Logging
import Synchronization
import Testing

/// An engine on a folder of its own, whose clock stands still until it is moved.
final class EngineFixture: Sendable {
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    let folder: TemporaryFolder
    let name: String
    let engine: AttuneEngine

    init(
        _ folder: TemporaryFolder? = nil, name: String = "data", now: Timestamp = PersonalizationFixture.now, ai: AIConfiguration? = nil
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.name = name
        let clock = Clock(now)
        self.clock = clock
        var configuration = Self.configuration(folder, name)
        configuration.ai = ai
        engine = try await AttuneEngine.open(configuration) { clock.now }
    }

    private let clock: Clock

    private final class Clock: Sendable {
        private let time: Mutex<Timestamp>
        init(_ now: Timestamp) { time = Mutex(now) }
        var now: Timestamp { time.withLock { $0 } }
        func set(_ now: Timestamp) { time.withLock { $0 = now } }
    }

    var dataPath: String { "\(folder.path)/\(name)" }
    var now: Timestamp { clock.now }

    static func configuration(_ folder: TemporaryFolder, _ name: String) -> AttuneEngine.Configuration {
        AttuneEngine.Configuration(
            dataPath: "\(folder.path)/\(name)", masterKeyPath: "\(folder.path)/master.key", publicURL: "https://attune.example")
    }

    func advance(seconds: Int64) { clock.set(clock.now.adding(seconds: seconds)) }

    /// Closes the engine and opens the folder anew, as after a restart.
    func reopened(ai: AIConfiguration? = nil) async throws -> EngineFixture {
        await engine.close()
        return try await EngineFixture(folder, name: name, now: now, ai: ai)
    }

    /// Opens a copy of the folder as it is now, as after `kill -9`.
    func killed(as copy: String) async throws -> EngineFixture {
        try folder.copy(name, as: copy)
        return try await EngineFixture(folder, name: copy, now: now)
    }

    // MARK: Shorthand

    func makeTenant(_ name: String = "acme") async throws {
        _ = try await CreateTenant(name: name, isConsentOptIn: false, grants: []).perform(on: engine)
    }

    func makeKey(_ tenant: String = "acme", kind: String = "secret") async throws -> NewKeyDocument {
        try await CreateKey(tenant: tenant, kind: kind, label: "", origins: []).perform(on: engine)
    }

    func mint(_ tenant: String = "acme", user: String = "u1", scopes: [String] = [], ttlSeconds: Int? = nil) async throws -> String {
        try await MintToken(tenant: tenant, user: user, scopes: scopes, ttlSeconds: ttlSeconds).perform(on: engine).token
    }

    /// The scope of a credential.
    func scope(_ credential: String) throws -> Scope { try engine.access.authenticate(credential) }

    /// A tenant with the scope of a secret key.
    func tenantScope(_ name: String = "acme") async throws -> Scope {
        try await makeTenant(name)
        return try scope(try await makeKey(name).key)
    }

    func user(_ id: String, _ scope: Scope) throws -> AuthorizedUser {
        try scope.authorize(.writePersonalization, for: .user(UserID(id)))
    }

    func use(_ feature: String, by id: String, _ scope: Scope) async throws {
        try await engine.personalization.recordFeature(scope, user(id, scope), feature: feature, at: nil)
    }

    func profile(of id: String, _ scope: Scope) async throws -> Versioned<PersonalizationProfile> {
        try await engine.personalization.profile(scope, user(id, scope))
    }

    func code(of body: () async throws -> Void) async -> EngineError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? EngineError)?.code
        }
    }
}
