import Connectors
import Engine
import Foundation
import Testing

/// Compares with botocore; `Vectors/make_sigv4.py` made the vectors.
@Suite struct SigV4Tests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        var service: String
        var region: String
        var time: String
        var sessionToken: String?
        var host: String
        var path: String
        var headers: [[String]]
        var body: String
        var canonicalPath: String
        var authorization: String
        var model: String?

        var testDescription: String { "\(service) \(path)\(sessionToken == nil ? "" : " with a session token")" }
    }

    struct File: Decodable {
        var accessKeyID: String
        var secretAccessKey: String
        var vectors: [Vector]
    }

    static let file: File = {
        let url = URL(filePath: #filePath).appending(path: "../../Vectors/sigv4.json").standardized
        let content = try? JSONDecoder().decode(File.self, from: Data(contentsOf: url))
        return content ?? File(accessKeyID: "", secretAccessKey: "", vectors: [])
    }()

    private func fields(of vector: Vector) throws -> [HTTPField] {
        let credentials = AWSCredentials(
            accessKeyID: Self.file.accessKeyID, secretAccessKey: Self.file.secretAccessKey, sessionToken: vector.sessionToken
        )
        let request = SigV4.Request(
            method: "POST", host: vector.host, path: vector.path,
            headers: vector.headers.map { HTTPField(name: $0[0], value: $0[1]) }, body: Array(vector.body.utf8)
        )
        let time = try #require(Timestamp(rfc3339: vector.time))
        return try SigV4(service: vector.service, region: vector.region, credentials: credentials).headers(for: request, at: time)
    }

    @Test func theVectorsAreThere() {
        #expect(Self.file.vectors.count == 25)
        #expect(Set(Self.file.vectors.map(\.authorization)).count > 18)
    }

    @Test(arguments: file.vectors) func signsAsBotocoreDoes(vector: Vector) throws {
        let fields = try fields(of: vector)
        #expect(SigV4.canonicalPath(vector.path) == vector.canonicalPath)
        #expect(fields.last == HTTPField(name: "authorization", value: vector.authorization))
        #expect(fields.first { $0.name == "x-amz-security-token" }?.value == vector.sessionToken)
        #expect(fields.first { $0.name == "x-amz-date" }?.value == vector.time.filter { $0 != "-" && $0 != ":" })
    }

    /// The path that a provider asks for is the one that botocore's own client asks for.
    @Test(arguments: file.vectors.filter { $0.model != nil && $0.sessionToken == nil })
    func modelsStandInPathsAsBotocoreHasThem(vector: Vector) async throws {
        try await ScriptedServer.run(.answer(status: 200, body: Answers.converse())) { server in
            try await withHTTP { http in
                let provider = BedrockConverse(
                    model: vector.model ?? "", endpoint: try #require(Endpoint(server.url)), authentication: .bearer("key"), http: http,
                    clock: { .example }
                )
                _ = try await provider.complete(.example, timeLimit: .seconds(5))
                #expect(server.requests.map(\.line) == ["POST \(vector.path) HTTP/1.1"])
            }
        }
    }

    @Test func fractionsOfASecondAreDropped() throws {
        let signer = SigV4(
            service: "s", region: "r", credentials: AWSCredentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: nil))
        let request = SigV4.Request(method: "GET", host: "h", path: "/", headers: [], body: [])
        let later = Timestamp(milliseconds: Timestamp.example.milliseconds + 999)
        let (fields, fieldsLater) = try (signer.headers(for: request, at: .example), signer.headers(for: request, at: later))
        #expect(fields == fieldsLater)
    }

    @Test func printingShowsNoSecret() {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "very-secret", sessionToken: "also-secret")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKID") && !text.contains("secret"))
        }
    }
}
