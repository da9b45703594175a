import Engine
import Testing

@Suite("MerkleTree") struct MerkleTreeTests {
    /// The tree by its definition (RFC 9162, 2.1.1).
    static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = leaves.first else { return MerkleTree.emptyRoot }
        guard leaves.count > 1 else { return MerkleTree.leafHash(first) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return MerkleTree.nodeHash(root(leaves[..<middle]), root(leaves[middle...]))
    }

    static func leaves(_ count: Int) -> [[UInt8]] { (0..<count).map { Array("leaf \($0)".utf8) } }

    static func hashes(_ ranges: [Range<UInt64>], _ leaves: [[UInt8]]) -> [[UInt8]] {
        ranges.map { root(leaves[Int($0.lowerBound)..<Int($0.upperBound)]) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
    }

    /// The known answers of the Certificate Transparency project's tests for eight inputs.
    @Test func knownRoots() throws {
        let inputs: [[UInt8]] = [
            [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
            [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ]
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var frontier = try #require(MerkleFrontier())
        #expect(Self.hex(frontier.root) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for (input, root) in zip(inputs, roots) {
            _ = frontier.append(MerkleTree.leafHash(input))
            #expect(Self.hex(frontier.root) == root)
        }
    }

    @Test func theFrontierGrowsTheTreeAndNamesItsSubtrees() throws {
        let leaves = Self.leaves(130)
        var frontier = try #require(MerkleFrontier())
        var known: [MerkleTree.Node: [UInt8]] = [:]
        for (index, leaf) in leaves.enumerated() {
            let nodes = frontier.completedByNext
            known[.init(level: 0, index: UInt64(index))] = MerkleTree.leafHash(leaf)
            for (node, hash) in zip(nodes, frontier.append(MerkleTree.leafHash(leaf))) { known[node] = hash }
            #expect(frontier.root == Self.root(leaves[...index]))
            let size = UInt64(index + 1)
            #expect(MerkleTree.root(of: MerkleTree.nodes(of: 0..<size).compactMap { known[$0] }) == frontier.root)
        }
        #expect(MerkleFrontier(size: 3, peaks: [[]]) == nil)
    }

    @Test func everyInclusionIsProvedAndNoOther() {
        for size in 1...40 {
            let leaves = Self.leaves(size)
            let root = Self.root(leaves[...])
            for index in 0..<size {
                let path = Self.hashes(MerkleTree.inclusionPath(of: UInt64(index), size: UInt64(size)), leaves)
                let hash = MerkleTree.leafHash(leaves[index])
                func holds(_ hash: [UInt8], _ index: Int, _ size: Int, _ path: [[UInt8]]) -> Bool {
                    MerkleTree.isIncluded(hash, at: UInt64(index), size: UInt64(size), path: path, root: root)
                }
                #expect(holds(hash, index, size, path))
                #expect(!holds(MerkleTree.leafHash([1]), index, size, path))
                #expect(!holds(hash, size, size, path))
                #expect(!holds(hash, index, size, path + [hash]))
                if size > 1 {
                    #expect(!holds(hash, (index + 1) % size, size, path) || leaves[index] == leaves[(index + 1) % size])
                    #expect(!holds(hash, index, size, Array(path.dropLast())))
                }
            }
        }
    }

    @Test func everyGrowthIsProvedAndNoRewriting() {
        let leaves = Self.leaves(40)
        for second in 0...40 {
            for first in 0...second {
                let path = Self.hashes(MerkleTree.consistencyPath(from: UInt64(first), to: UInt64(second)), leaves)
                func holds(_ old: [[UInt8]], _ path: [[UInt8]]) -> Bool {
                    MerkleTree.isConsistent(
                        first: UInt64(first), root: Self.root(old[..<first]), second: UInt64(second), root: Self.root(leaves[..<second]),
                        path: path)
                }
                #expect(holds(leaves, path))
                guard first > 0 else { continue }
                var rewritten = leaves
                rewritten[first / 2] = [0]
                #expect(!holds(rewritten, path))
                if first < second { #expect(!holds(leaves, Array(path.dropLast())) || path.isEmpty) }
            }
        }
    }
}
