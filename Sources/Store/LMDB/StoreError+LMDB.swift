import CLMDB

extension StoreError {
    /// Whether the map, not the disk, was full: growing it helps, and the environment is not in doubt.
    var isMapFull: Bool { number == MDB_MAP_FULL }
}
