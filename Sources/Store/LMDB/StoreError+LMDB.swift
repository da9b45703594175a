import CLMDB

extension StoreError {
    /// Whether the map, not the disk, was full: growing it helps, and the environment is not in doubt.
    var isMapFull: Bool { number == MDB_MAP_FULL }

    /// Whether the disk may have been full, or what its owner may use of it. LMDB writes neighbouring pages with one call, and says EIO
    /// where the disk had room for some of them.
    var isDiskFull: Bool { code == .cannotCommit && [ENOSPC, EDQUOT, EIO].contains(number) }

    /// Whether a batch failed of something that one of its items may have brought, and the rest may go through without.
    var mayConcernOneItem: Bool {
        switch code {
        case .damaged, .tooLarge, .engine: true
        case .cannotCommit: isMapFull
        case .busy, .cannotOpen: false
        }
    }
}
