import Engine

/// The engine's figures in Prometheus text format: they are counted in the engine, which knows no metrics backend.
struct EngineMetrics {
    let figures: EngineFigures

    func write(to text: inout MetricsText) {
        text.family(
            "attune_build_info", .gauge, "Always 1; the label names the running version.",
            [.init(1, labels: ["version": ProductVersion.text])])
        text.family("attune_tenants", .gauge, "Tenants.", [.init(figures.tenants)])
        writeStore(to: &text)
        writeEvents(to: &text)
        writePrivacy(to: &text)
        if let memory = ProcessMemory.now {
            text.family("process_resident_memory_bytes", .gauge, "Resident memory of the process.", [.init(memory.residentBytes)])
        }
    }

    private func writeStore(to text: inout MetricsText) {
        let store = figures.store
        text.family("attune_store_bytes", .gauge, "Size of the store's file in use.", [.init(store.bytes)])
        text.family("attune_store_max_bytes", .gauge, "Bound on the store's size.", [.init(store.bytesMax)])
        text.family(
            "attune_store_fullness_ratio", .gauge, "Part of the bound that holds data, 0 to 1; at 1 writes get 503.",
            [.init(store.fullness)])
        text.family(
            "attune_store_commit_duration_seconds", .summary, "Commits of the store and the time that they took.",
            [.init(store.commitSeconds, suffix: "_sum"), .init(store.commits, suffix: "_count")])
        text.family("attune_store_commit_failures_total", .counter, "Commits that failed.", [.init(store.commitFailures)])
        text.family("attune_writer_queue_requests", .gauge, "Requests that wait for the writer.", [.init(store.waitingRequests)])
    }

    private func writeEvents(to text: inout MetricsText) {
        let counts = figures.events
        text.family("attune_events_accepted_total", .counter, "Events accepted.", [.init(counts.accepted)])
        text.family("attune_events_duplicate_total", .counter, "Events recognized as duplicates.", [.init(counts.duplicate)])
        text.family(
            "attune_events_rejected_total", .counter, "Events rejected, by reason.",
            EventOutcome.Reason.allCases.map { .init(counts.rejected[$0] ?? 0, labels: ["reason": $0.rawValue]) })
    }

    private func writePrivacy(to text: inout MetricsText) {
        text.family("attune_outbox_messages", .gauge, "Messages that wait for delivery.", [.init(figures.outboxMessages)])
        text.family(
            "attune_outbox_oldest_message_age_seconds", .gauge, "Age of the oldest message that waits for delivery; 0: none waits.",
            [.init(figures.outboxOldestSeconds)])
        text.family("attune_data_requests_open", .gauge, "Data requests that are not completed.", [.init(figures.openRequests)])
        text.family(
            "attune_data_requests_overdue", .gauge, "Data requests that are not completed and whose period is over.",
            [.init(figures.overdueRequests)])
        text.family("attune_erasures_total", .counter, "Users erased or anonymized.", [.init(figures.erasures)])
    }
}
