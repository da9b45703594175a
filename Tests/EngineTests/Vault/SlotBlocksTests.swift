import Engine
import Store
import Testing

@Suite("SlotBlocks")
struct SlotBlocksTests {
    /// Every slot that was inserted is in the ranges, whatever the bound of one piece; what is skipped holds none.
    @Test(arguments: [1, 3, 10, 1000])
    func walksTheBlocksThatHoldSlots(slotsMax: Int) {
        var blocks = SlotBlocks(slotsPerBlock: 10)
        let slots: [UInt32] = [5000, 7, 3, 19, 20, 4999, 100_000]
        for slot in slots { blocks.insert(slot) }
        #expect(blocks.count == 7)
        var seen: [Int] = []
        var next: UInt32? = 0
        while let start = next {
            let piece = blocks.ranges(from: start, slotsMax: slotsMax)
            #expect(piece.ranges.reduce(0) { $0 + $1.count } <= slotsMax)
            seen += piece.ranges.flatMap { $0 }
            next = piece.next
        }
        #expect(seen == Array(0..<30) + Array(4990..<5010) + Array(100_000..<100_010))
    }

    @Test func forgetsBlocksWithoutSlots() {
        var blocks = SlotBlocks(slotsPerBlock: 10)
        for slot in [1, 2, 50] as [UInt32] { blocks.insert(slot) }
        blocks.remove(1)
        #expect(blocks.ranges(from: 0, slotsMax: 100).ranges == [0..<10, 50..<60])
        blocks.remove(2)
        #expect(blocks.ranges(from: 0, slotsMax: 100).ranges == [50..<60])
        #expect(blocks.ranges(from: 55, slotsMax: 100).ranges == [55..<60])
        #expect(blocks.ranges(from: 60, slotsMax: 100).ranges.isEmpty)
        #expect(blocks.count == 1)
    }

    @Test func stretchesHoldAsManySlotsEach() {
        var blocks = SlotBlocks(slotsPerBlock: 10)
        for slot in 1000..<1040 as Range<UInt32> { blocks.insert(slot) }
        #expect(blocks.starts(ofStretches: 1) == [1000])
        #expect(blocks.starts(ofStretches: 4) == [1000, 1010, 1020, 1030])
        #expect(blocks.starts(ofStretches: 8) == [1000, 1000, 1010, 1010, 1020, 1020, 1030, 1030])
        #expect(SlotBlocks().starts(ofStretches: 8).isEmpty)
    }

    /// A tenant's walk is no longer for what other tenants have.
    @Test func aTenantsWalkSkipsOthersSlots() throws {
        let fixture = try VaultFixture()
        let other = TenantNumber(2)
        try fixture.vault.addTenant(other)
        func make(_ tenant: TenantNumber, _ names: Range<Int>) throws -> [PartitionAddress] {
            let addresses = try names.map { try fixture.vault.address(of: PartitionKey(tenant: tenant, name: Array("\($0)".utf8))) }
            _ = try fixture.vault.reserve(addresses)
            fixture.vault.publish(addresses)
            return addresses
        }
        func walk(_ fixture: VaultFixture) throws -> KeyVault.Walk {
            try fixture.vault.partitions(of: other, from: 0, slotsMax: 1024, limit: 100)
        }
        #expect(try walk(fixture).found.isEmpty)
        var mine = try make(other, 0..<2)
        let theirs = try make(VaultFixture.tenant, 0..<3000)
        mine += try make(other, 2..<6)
        for opened in [fixture, try fixture.killed(as: "copy")] {
            let walk = try walk(opened)
            #expect(walk.found.map(\.address) == mine)
            #expect(walk.next == nil)
            #expect(walk.slotsSeen <= 3 * 128)
        }
        for address in theirs.suffix(50) + mine.prefix(4) { try fixture.vault.destroy(address) }
        for opened in [fixture, try fixture.killed(as: "copy-2")] {
            #expect(try walk(opened).found.map(\.address) == Array(mine.suffix(2)))
            #expect(try walk(opened).slotsSeen <= 128)
            #expect(opened.vault.partitionCount(of: other) == 2)
        }
    }
}
