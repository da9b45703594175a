import Engine
import Store
import Testing

@Suite struct SlotRecordTests {
    private func record(_ numbers: inout SeededNumbers) -> SlotRecord {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) } }
        var record = SlotRecord()
        record.state = [.free, .reserved, .live].randomElement(using: &numbers) ?? .free
        record.kind = [.none, .naming, .wrapping, .data].randomElement(using: &numbers) ?? .none
        record.generation = .random(in: 0...UInt32.max, using: &numbers)
        record.tenant = TenantNumber(.random(in: 0...UInt32.max, using: &numbers))
        record.digest = bytes(16)
        record.wrappedBy = .random(in: 0...UInt32.max, using: &numbers)
        record.wrapped = bytes(60)
        return record
    }

    @Test func comesBackFromItsBytes() {
        var numbers = SeededNumbers(seed: 1)
        for _ in 0..<200 {
            let record = record(&numbers)
            #expect(record.bytes.count == SlotRecord.byteCount)
            #expect(record.bytes.withUnsafeBytes(SlotRecord.init) == record)
        }
    }

    @Test func everySingleFlippedBitIsFound() {
        var numbers = SeededNumbers(seed: 2)
        let whole = record(&numbers).bytes
        for bit in 0..<(whole.count * 8) {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(bytes.withUnsafeBytes(SlotRecord.init) == nil)
        }
    }

    @Test func aTornSlotIsFound() {
        var numbers = SeededNumbers(seed: 3)
        let (old, new) = (record(&numbers).bytes, record(&numbers).bytes)
        for place in 1..<(SlotRecord.byteCount - 1) {
            let torn = Array(new[..<place]) + old[place...]
            #expect(torn == old || torn == new || torn.withUnsafeBytes(SlotRecord.init) == nil)
        }
    }

    @Test func zerosAreAFreeSlot() {
        let zeros = [UInt8](repeating: 0, count: SlotRecord.byteCount)
        #expect(zeros.withUnsafeBytes(SlotRecord.init) == SlotRecord())
    }
}
