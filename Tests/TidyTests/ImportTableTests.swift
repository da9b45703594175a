import Testing

/// An arrow goes down only. SwiftPM does not see to it: an undeclared import of something that is reached transitively builds.
@Suite struct ImportTableTests {
    /// What the standard library and the toolchain bring.
    private static let platform: Set = ["Swift", "Synchronization", "FoundationEssentials", "Foundation", "Glibc", "Dispatch"]
    private static let http: Set = [
        "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HummingbirdHTTP2", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1",
        "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOSSL", "NIOTLS", "NIOFoundationEssentialsCompat", "ServiceLifecycle", "Logging", "Metrics",
        "CoreMetrics",
    ]

    private static let table: [String: Set<String>] = [
        "CLMDB": [], "COpenSSL": [], "CZlib": [],
        "Store": ["CLMDB"],
        "Crypto": ["COpenSSL"],
        "Tokens": ["AttuneCrypto"],
        "Gzip": ["CZlib"],
        "Files": ["Gzip"],
        "Engine": ["Store", "AttuneCrypto", "Tokens", "Logging", "SwiftProtobuf"],
        "Connectors": ["Engine", "Store", "AttuneCrypto", "Logging", "AsyncHTTPClient", "NIOCore", "NIOHTTP1"],
        "Gateway": http.union(["Engine", "Gzip", "Mustache", "Yams"]),
        "attune": [
            "Engine", "Gateway", "Connectors", "Files", "ArgumentParser", "AsyncHTTPClient", "Configuration", "ServiceLifecycle",
            "UnixSignals", "Logging", "NIOCore", "NIOFoundationCompat", "NIOHTTP1", "Yams",
        ],
    ]

    @Test func everyRoomImportsOnlyWhatItsTableAllows() throws {
        let files = try SourceTree.swiftFiles(below: "Sources")
        #expect(files.count > 100, "the source tree was not found")
        for file in files {
            let allowed = try #require(Self.table[file.room], "\(file.path) lies in a room that the table does not have")
            for module in file.imports where !allowed.contains(module) && !Self.platform.contains(module) {
                Issue.record("\(file.path) imports \(module), which \(file.room) may not")
            }
        }
    }

    @Test func noHandlerCanBuildAKey() throws {
        for file in try SourceTree.swiftFiles(below: "Sources/Gateway") {
            let forbidden = Set(file.imports).intersection(["Store", "CLMDB", "COpenSSL", "AttuneCrypto", "Tokens"])
            #expect(forbidden.isEmpty, "\(file.path)")
        }
    }

    @Test func onlyTheKeyspaceAndTheTableMakeItemKeys() throws {
        for file in try SourceTree.swiftFiles(below: "Sources/Engine") where !file.path.hasSuffix("/Table.swift") {
            #expect(!file.lines.contains { $0.contains("ItemKey(") }, "\(file.path) makes a key of its own")
        }
    }
}
