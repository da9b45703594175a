import CLMDB

extension StoreError {
    /// Whether the map, not the disk, was full: growing it helps, and the environment is not in doubt.
    var isMapFull: Bool { number == MDB_MAP_FULL }

    /// Whether the disk was full, or what its owner may use of it.
    var isDiskFull: Bool { code == .cannotCommit && (number == ENOSPC || number == EDQUOT) }

    /// Whether a batch failed of something that one of its items may have brought, and the rest may go through without.
    var mayConcernOneItem: Bool {
        switch code {
        case .damaged, .tooLarge, .engine: true
        case .cannotCommit: isMapFull
        case .busy, .cannotOpen: false
        }
    }
}
