import Engine
import Store
import Testing

@Suite struct SlotIndexTests {
    private func address(_ number: UInt64, tenant: UInt32 = 1) -> PartitionAddress {
        // SplitMix64's finish spreads the numbers as a digest would.
        var numbers = SeededNumbers(seed: number)
        let word = numbers.next()
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        return PartitionAddress(tenant: TenantNumber(tenant), digest: bytes + bytes)
    }

    @Test func agreesWithADictionaryOverAMillionChanges() throws {
        var numbers = SeededNumbers(seed: 4)
        var index = SlotIndex()
        var model: [UInt64: UInt32] = [:]
        for step in 0..<1_000_000 {
            let number = UInt64.random(in: 0..<200_000, using: &numbers)
            let address = address(number)
            if let slot = model.removeValue(forKey: number) {
                index.remove(address, slot: slot)
            } else {
                index.insert(address, slot: UInt32(step))
                model[number] = UInt32(step)
            }
        }
        #expect(index.isEmpty == model.isEmpty)
        for number in UInt64(0)..<200_000 {
            let expected = model[number]
            let found = try index.slot(of: address(number)) { $0 == expected }
            guard found == expected else {
                Issue.record("the index and the model differ")
                return
            }
        }
        for (number, slot) in model { index.remove(address(number), slot: slot) }
        #expect(index.isEmpty)
    }

    @Test func equalFingerprintsAreToldApartByTheSlot() throws {
        var index = SlotIndex()
        let digest = [UInt8](repeating: 7, count: 16)
        let (first, second) = (
            PartitionAddress(tenant: TenantNumber(1), digest: [1] + digest.dropFirst()),
            PartitionAddress(tenant: TenantNumber(1), digest: [2] + digest.dropFirst())
        )
        index.insert(first, slot: 10)
        index.insert(second, slot: 20)
        #expect(try index.slot(of: first) { $0 == 10 } == 10)
        #expect(try index.slot(of: second) { $0 == 20 } == 20)
        index.remove(first, slot: 10)
        #expect(try index.slot(of: first) { $0 == 10 } == nil)
        #expect(try index.slot(of: second) { $0 == 20 } == 20)
    }

    @Test func removingWhatIsNotThereChangesNothing() throws {
        var index = SlotIndex()
        index.insert(address(1), slot: 3)
        index.remove(address(1), slot: 4)
        index.remove(address(2), slot: 3)
        #expect(try index.slot(of: address(1)) { _ in true } == 3)
        #expect(!index.isEmpty)
    }
}
