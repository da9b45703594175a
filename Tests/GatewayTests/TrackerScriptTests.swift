import Gateway
import Gzip
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@Suite("Tracker script over HTTP")
struct TrackerScriptTests {
    @Test(
        "is compressed for whoever takes gzip, and for nobody else",
        arguments: [
            ("gzip", true), ("gzip, deflate, br", true), ("deflate, gzip;q=0.5", true), ("*", true), ("GZIP", true),
            ("br;q=1, *;q=0.1", true),
            ("", false), ("identity", false), ("gzip;q=0", false), ("*, gzip;q=0", false), ("br", false), ("gzip;q=0.0", false),
        ])
    func coding(_ accepted: String, _ isCompressed: Bool) async throws {
        try await TestGateway.run { _, client in
            let plain = try await client.send(.get, "/attune.js")
            let answer = try await client.send(.get, "/attune.js", headers: [(.acceptEncoding, accepted)])
            #expect(answer.status == .ok && answer.field("Vary") == "Accept-Encoding")
            #expect(answer.field("Content-Encoding") == (isCompressed ? "gzip" : nil))
            #expect((answer.field("ETag") != plain.field("ETag")) == isCompressed)
            var inflater = try GzipInflater(bytesMax: 65_536)
            if isCompressed {
                #expect(answer.body.readableBytes <= 2048)
                try Array(answer.body.readableBytesView).withUnsafeBufferPointer { bytes throws(GzipError) in try inflater.append(bytes) }
                #expect(try inflater.finish() == Array(plain.body.readableBytesView))
            } else {
                #expect(answer.body == plain.body)
            }
        }
    }

    @Test("is sent again only to whoever has another one")
    func conditions() async throws {
        try await TestGateway.run { _, client in
            for coding in ["gzip", "identity"] {
                func get(_ known: String?) async throws -> TestResponse {
                    try await client.send(
                        .get, "/attune.js", headers: [(.acceptEncoding, coding)] + (known.map { [(.ifNoneMatch, $0)] } ?? []))
                }
                let first = try await get(nil)
                let tag = try #require(first.field("ETag"))
                #expect(first.field("Cache-Control") == "public, max-age=3600")
                for known in [tag, "W/" + tag, "\"other\", " + tag, "*"] {
                    let again = try await get(known)
                    #expect(again.status == .notModified && again.body.readableBytes == 0, "\(known)")
                    #expect(again.field("ETag") == tag && again.field("Vary") == "Accept-Encoding")
                    #expect(again.field("Cache-Control") == "public, max-age=3600" && again.field("Content-Type") == nil)
                }
                #expect(try await get("\"other\"").status == .ok)
                let head = try await client.send(.head, "/attune.js", headers: [(.acceptEncoding, coding)])
                #expect(head.status == .ok && head.field("ETag") == tag)
            }
        }
    }
}
