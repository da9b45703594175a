import Testing
import Tokens

@Suite struct APIKeyTests {
    // Checksums computed with zlib; the last two begin with zeros.
    @Test(arguments: [
        ("0123456789ABCDEFGHIJKLMNOPQRST", "4PMbyp"),
        ("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "4IlJEz"),
        ("TeEWwjx2FEjS4G5bEdopdjNGhRHXm0", "0MQ3Xd"),
        ("FTjTNXsdTwgFZsYATIyxmNQ7WhvFlf", "00ptwM"),
    ])
    func agreesWithAnotherCRC32(body: String, checksum: String) throws {
        let key = try #require(APIKey("att_sk_" + body + checksum))
        #expect(key.id == String(body.prefix(8)))
        #expect(key.secret == Array(body.suffix(22).utf8))
        #expect(key.revealed() == "att_sk_" + body + checksum)
    }

    @Test(arguments: APIKeyKind.allCases) func readsWhatItGenerates(kind: APIKeyKind) throws {
        let key = APIKey.generate(kind)
        let text = key.revealed()
        #expect(text.wholeMatch(of: /att_[spd]k_[0-9A-Za-z]{36}/) != nil)
        #expect(text.hasPrefix(kind.prefix))
        let read = try #require(APIKey(text))
        #expect(read.kind == kind && read.id == key.id && read.secret == key.secret)
    }

    @Test func everyMistypedCharacterIsRefused() {
        let text = Array(APIKey.generate(.secret).revealed().utf8)
        for position in text.indices.dropFirst(7) {
            for replacement in "0Zz-_ é".utf8 where replacement != text[position] {
                var mistyped = text
                mistyped[position] = replacement
                #expect(APIKey(String(decoding: mistyped, as: UTF8.self)) == nil, "position \(position)")
            }
        }
    }

    @Test func swappedNeighboursAreRefused() {
        let text = Array(APIKey.generate(.publishable).revealed())
        for position in 7..<text.count - 1 where text[position] != text[position + 1] {
            var swapped = text
            swapped.swapAt(position, position + 1)
            #expect(APIKey(String(swapped)) == nil)
        }
    }

    @Test func nothingElseIsAKey() {
        let text = APIKey.generate(.secret).revealed()
        let others = [
            "", "att_sk_", "att_xk_" + text.dropFirst(7), "ATT_SK_" + text.dropFirst(7), text + "0", String(text.dropLast()),
            " " + text.dropFirst(),
        ]
        for other in others { #expect(APIKey(other) == nil) }
    }

    @Test func printingShowsTheIDOnly() {
        let key = APIKey.generate(.secret)
        let secret = String(decoding: key.secret, as: UTF8.self)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(Optional(key) as Any)"] {
            #expect(!text.contains(secret) && text.contains(key.id))
        }
    }

    @Test func keysDiffer() {
        #expect(Set((0..<1_000).map { _ in APIKey.generate(.secret).id }).count == 1_000)
    }
}
