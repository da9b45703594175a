import AttuneCrypto
import Foundation
import Testing
import Tokens

/// Project Wycheproof's vectors, as far as they concern what is verified here: ES256, and with HS256 the form of a JWS.
@Suite(.enabled(if: Vectors.arePresent, "the vectors are not there"))
struct CompactJWSVectorTests {
    struct Vector {
        let id: Int
        let jws: String
        let isValid: Bool
        let key: [String: Any]
    }

    /// Contradict each other, or ask for a lax verifier.
    private static let leftOut: Set<Int> = [346, 347, 350, 351, 367, 370, 372, 373]

    private func vectors(_ name: String) throws -> [Vector] {
        let file = try JSONSerialization.jsonObject(with: Data(contentsOf: Vectors.folder.appending(path: name)))
        let groups = try #require((file as? [String: Any])?["testGroups"] as? [[String: Any]])
        return try groups.flatMap { group in
            let key = try #require((group["public"] ?? group["private"]) as? [String: Any])
            let tests = try #require(group["tests"] as? [[String: Any]])
            return try tests.map { test in
                Vector(
                    id: try #require(test["tcId"] as? Int), jws: try #require(test["jws"] as? String),
                    isValid: test["result"] as? String == "valid", key: key)
            }
        }
    }

    private func verifies(_ vector: Vector) throws -> Bool {
        let keys = vector.key["keys"] as? [[String: Any]] ?? [vector.key]
        let json = try JSONSerialization.data(withJSONObject: try #require(keys.first))
        do throws(TokenError) {
            let jws = try CompactJWS(vector.jws)
            try jws.verify(with: JSONWebKey(json: Array(json)).material)
            return true
        } catch { return false }
    }

    @Test func signatures() throws {
        var counts = [true: 0, false: 0]
        for vector in try vectors("json_web_signature_test.json") where !Self.leftOut.contains(vector.id) {
            let isOurs = vector.key["kty"] as? String == "EC"
            #expect(try verifies(vector) == (isOurs && vector.isValid), "vector \(vector.id)")
            counts[isOurs, default: 0] += 1
        }
        #expect(counts == [true: 41, false: 352])
    }

    /// HS256 is no algorithm of ours; checked with a code computed here, its vectors show which forms the parser takes.
    @Test func formsOfJWS() throws {
        var count = 0
        for vector in try vectors("json_web_signature_test.json")
        where !Self.leftOut.contains(vector.id) && vector.key["alg"] as? String == "HS256" {
            let secret = try #require((vector.key["k"] as? String).flatMap { Base64URL.decode($0) })
            let jws = try? CompactJWS(vector.jws)
            let agrees = try jws.map {
                try $0.algorithm == "HS256"
                    && $0.signature == HMACSHA256Key.authenticationCode(for: $0.signingInput, key: secret)
            }
            #expect((agrees ?? false) == vector.isValid, "vector \(vector.id)")
            count += 1
        }
        #expect(count > 30)
    }

    @Test func keys() throws {
        var ours = 0
        for vector in try vectors("json_web_key_test.json") {
            let keys = try #require(vector.key["keys"] as? [[String: Any]])
            let isOurs = keys.allSatisfy { $0["x"] != nil }
            #expect(try verifies(vector) == (isOurs && vector.isValid), "vector \(vector.id)")
            ours += isOurs ? 1 : 0
        }
        #expect(ours == 6)
    }
}
