import Engine
import Store
import Testing

/// A key vault on a folder of its own, with tenant 1.
struct VaultFixture {
    static let tenant = TenantNumber(1)

    let folder: TemporaryFolder
    let name: String
    let vault: KeyVault

    init(_ folder: TemporaryFolder? = nil, name: String = "vault") throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.name = name
        vault = try KeyVault(folder: "\(folder.path)/\(name)", masterKeyPath: "\(folder.path)/master.key")
        if !vault.hasTenant(Self.tenant) { try vault.addTenant(Self.tenant) }
    }

    var files: [String] { ["keys.a", "keys.b"].map { "\(folder.path)/\(name)/\($0)" } }
    var masterKeyPath: String { "\(folder.path)/master.key" }

    /// Opens a copy of the vault as it is now, as after `kill -9`.
    func killed(as copy: String) throws -> VaultFixture {
        try folder.copy(name, as: copy)
        return try VaultFixture(folder, name: copy)
    }

    func address(_ user: String) throws -> PartitionAddress {
        try vault.address(of: PartitionKey(tenant: Self.tenant, name: Array("USER#\(user)".utf8)))
    }

    /// Makes a live partition.
    @discardableResult
    func make(_ user: String) throws -> any PartitionSeal {
        let address = try address(user)
        let seal = try #require(try vault.reserve([address]).first)
        vault.publish([address])
        return seal
    }

    func seal(_ user: String) throws -> (any PartitionSeal)? { try vault.seal(at: address(user)) }

    /// Whether the key of a user opens what `seal` has sealed.
    func opens(_ user: String, _ sealed: [UInt8]) throws -> Bool {
        guard let seal = try seal(user) else { return false }
        return try seal.open(sealed.span.bytes, context: [1]) == Array("payload".utf8)
    }

    static func sealed(by seal: any PartitionSeal) throws -> [UInt8] { try seal.seal(Array("payload".utf8), context: [1]) }

    static func code(of body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }
}
