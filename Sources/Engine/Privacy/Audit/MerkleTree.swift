import AttuneCrypto

/// The tree of an append-only log (RFC 9162, 2.1): hashes, and which of them prove what. Knows no store.
package enum MerkleTree {
    package typealias Hash = [UInt8]

    /// The root of a complete subtree: the `index`-th of those with 2^level leaves.
    package struct Node: Hashable, Sendable {
        package let level: Int
        package let index: UInt64

        package init(level: Int, index: UInt64) {
            self.level = level
            self.index = index
        }
    }

    package static let emptyRoot = SHA256.digest([])

    package static func leafHash(_ leaf: [UInt8]) -> Hash { SHA256.digest([0] + leaf) }

    package static func nodeHash(_ left: Hash, _ right: Hash) -> Hash { SHA256.digest([1] + left + right) }

    /// The complete subtrees that make up leaves `range`, the largest first.
    /// - Parameter range: begins at a multiple of a power of two that is not smaller than its length, as every subtree does.
    package static func nodes(of range: Range<UInt64>) -> [Node] {
        var nodes: [Node] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - (range.upperBound - start).leadingZeroBitCount
            nodes.append(Node(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }

    /// The root over complete subtrees, the largest first.
    package static func root(of hashes: [Hash]) -> Hash {
        guard var root = hashes.last else { return emptyRoot }
        for hash in hashes.dropLast().reversed() { root = nodeHash(hash, root) }
        return root
    }

    /// Subtrees whose roots prove that a leaf is in the tree (2.1.3.1), the nearest first.
    package static func inclusionPath(of index: UInt64, size: UInt64) -> [Range<UInt64>] {
        var path: [Range<UInt64>] = []
        var tree = 0..<size
        while tree.upperBound - tree.lowerBound > 1 {
            let middle = tree.lowerBound + split(tree.upperBound - tree.lowerBound)
            if index < middle {
                path.append(middle..<tree.upperBound)
                tree = tree.lowerBound..<middle
            } else {
                path.append(tree.lowerBound..<middle)
                tree = middle..<tree.upperBound
            }
        }
        return path.reversed()
    }

    /// Subtrees whose roots prove that a tree of `first` leaves is the beginning of one of `second` (2.1.4.1).
    package static func consistencyPath(from first: UInt64, to second: UInt64) -> [Range<UInt64>] {
        guard first > 0, first < second else { return [] }
        var path: [Range<UInt64>] = []
        var tree = 0..<second
        // Whether the part of the first tree that is left is known to the verifier: its own root.
        var isWhole = true
        while first != tree.upperBound {
            let middle = tree.lowerBound + split(tree.upperBound - tree.lowerBound)
            if first <= middle {
                path.append(middle..<tree.upperBound)
                tree = tree.lowerBound..<middle
            } else {
                path.append(tree.lowerBound..<middle)
                tree = middle..<tree.upperBound
                isWhole = false
            }
        }
        if !isWhole { path.append(tree) }
        return path.reversed()
    }

    /// The largest power of two below a number of leaves.
    private static func split(_ count: UInt64) -> UInt64 { 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }
}

/// What whoever holds a proof works out (RFC 9162, 2.1.3.2 and 2.1.4.2).
extension MerkleTree {
    /// - Returns: whether a leaf lies at `index` of the tree of that size and root.
    package static func isIncluded(
        _ leafHash: Hash, at index: UInt64, size: UInt64, path: [Hash], root: Hash
    ) -> Bool {
        guard index < size else { return false }
        var (node, last, hash) = (index, size - 1, leafHash)
        for step in path {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = nodeHash(step, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = nodeHash(hash, step)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// - Returns: whether the first tree is the beginning of the second.
    package static func isConsistent(
        first: UInt64, root firstRoot: Hash, second: UInt64, root secondRoot: Hash, path: [Hash]
    ) -> Bool {
        if first == second { return path.isEmpty && firstRoot == secondRoot }
        guard first < second else { return false }
        if first == 0 { return path.isEmpty && firstRoot == emptyRoot }
        let path = first & (first - 1) == 0 ? [firstRoot] + path : path
        guard var older = path.first else { return false }
        var newer = older
        var (node, last) = (first - 1, second - 1)
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        for step in path.dropFirst() {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                older = nodeHash(step, older)
                newer = nodeHash(step, newer)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                newer = nodeHash(newer, step)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && older == firstRoot && newer == secondRoot
    }
}

/// The growing edge of a log: all that appending needs.
package struct MerkleFrontier: Sendable, Equatable {
    package private(set) var size: UInt64
    /// Roots of the complete subtrees, the largest first.
    package private(set) var peaks: [MerkleTree.Hash]

    /// - Parameter peaks: as many as `size` has bits that are set.
    package init?(size: UInt64 = 0, peaks: [MerkleTree.Hash] = []) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    package var root: MerkleTree.Hash { MerkleTree.root(of: peaks) }

    /// Subtrees above the leaves that the next leaf will complete, the smallest first.
    package var completedByNext: [MerkleTree.Node] {
        (1..<65).prefix(size.trailingOneBitCount).map { MerkleTree.Node(level: $0, index: size >> UInt64($0)) }
    }

    /// Adds a leaf.
    /// - Returns: the roots of `completedByNext`.
    package mutating func append(_ leafHash: MerkleTree.Hash) -> [MerkleTree.Hash] {
        var (hash, completed): (MerkleTree.Hash, [MerkleTree.Hash]) = (leafHash, [])
        for _ in 0..<size.trailingOneBitCount {
            hash = MerkleTree.nodeHash(peaks.removeLast(), hash)
            completed.append(hash)
        }
        peaks.append(hash)
        size += 1
        return completed
    }
}

extension UInt64 {
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
