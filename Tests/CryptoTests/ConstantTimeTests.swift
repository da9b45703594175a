import AttuneCrypto
import Testing

@Suite struct ConstantTimeTests {
    @Test func comparesAllBytesAndTheLength() {
        #expect(ConstantTime.areEqual([], []))
        #expect(ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.areEqual([0, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([], [0]))
    }
}
