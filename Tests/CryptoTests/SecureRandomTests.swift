import AttuneCrypto
import Testing

@Suite struct SecureRandomTests {
    @Test(arguments: [0, 1, 64, 65, 5_000]) func givesAsManyBytesAsAsked(count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
    }

    @Test func valuesDoNotRepeatAcrossThreads() async {
        let values = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var generator = SecureRandom()
                    return (0..<5_000).map { _ in generator.next() }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(values).count == 40_000)
    }

    @Test func bitsAreEvenlySpread() {
        var generator = SecureRandom()
        let setBits = (0..<10_000).reduce(0) { sum, _ in sum + generator.next().nonzeroBitCount }
        // 640,000 bits: the standard deviation is 400, this is ten of them.
        #expect(abs(setBits - 320_000) < 4_000)
    }
}
