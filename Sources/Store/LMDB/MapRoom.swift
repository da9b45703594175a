/// The room that an environment has: its map grows by itself up to the operator's bound, of which a part is kept for deletions.
struct MapRoom {
    let gate: ReadGate
    let configuration: LMDBEngine.Configuration

    /// Grows the map before it is full.
    func makeIfScarce() throws(StoreError) {
        let extent = try gate.read { environment in environment.extent }
        guard Double(extent.usedBytes) > Double(extent.mapBytes) * (1 - StoreLimits.mapFreeShareMin) else { return }
        // Where readers stay inside, for a backup, there is still room: it is made with a later commit.
        _ = try? make(withReserve: false)
    }

    /// Doubles the map.
    /// - Returns: false where it is as large as it may be.
    func make(withReserve: Bool) throws(StoreError) -> Bool {
        let bytesMax = withReserve ? configuration.bytesMax : configuration.mapBytesMax
        let mapBytes = try gate.read { environment in environment.extent.mapBytes }
        let wanted = min(mapBytes * 2, bytesMax)
        guard wanted > mapBytes else { return false }
        try resize(toBytes: wanted)
        return true
    }

    /// What was deleted with the reserve's help left room elsewhere: takes the reserve out of the map again.
    func giveBackReserve() {
        guard let extent = try? gate.read({ environment in environment.extent }), extent.mapBytes > configuration.mapBytesMax,
            extent.usedBytes < extent.mapBytes
        else { return }
        // Where it fails, the map is larger than it should be, and the next deletion tries again.
        try? resize(toBytes: max(configuration.mapBytesMax, extent.usedBytes))
    }

    private func resize(toBytes bytes: Int) throws(StoreError) {
        try gate.swapSoon { environment throws(StoreError) in
            guard let environment else { throw StoreError(.busy, "resizing the map") }
            try environment.resizeMap(toBytes: bytes)
        }
    }

    /// Closes the environment and opens it anew. Where that fails there is none, and readers are told to come again.
    func reopen() throws(StoreError) {
        try gate.swapSoon { environment throws(StoreError) in
            let mapBytes = environment?.extent.mapBytes ?? configuration.mapBytesInitial
            environment?.close()
            environment = nil
            // A rename that is not durable must not be built upon.
            try Folder.sync(configuration.folder)
            environment = try Environment(path: configuration.folder, mapBytes: mapBytes)
        }
    }
}
