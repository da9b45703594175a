import AttuneCrypto
import Testing

@Suite struct SecretBytesTests {
    @Test func anArrayIsOverwrittenAlsoWhereOthersHoldIt() {
        let secret = SecureRandom.bytes(32)
        let same = secret
        SecretBytes.wipe(secret)
        #expect(same == [UInt8](repeating: 0, count: 32) && secret == same)
        SecretBytes.wipe([])
    }
}
