package import Logging
import Store

/// The product, open on a data folder: everything that callers can ask for, behind nouns.
package final class AttuneEngine: Sendable {
    package struct Configuration: Sendable {
        package var dataPath: String
        /// nil: `master.key` in the data folder.
        package var masterKeyPath: String?
        /// Base of the token issuer, without a slash at the end.
        package var publicURL: String
        /// The operator's bound on the size of the store in bytes; nil: none.
        package var storeBytesMax: Int?
        /// nil: advice is by rules alone.
        package var ai: AIConfiguration?
        /// For how long an OpenDSR request stays pending, and can be cancelled.
        package var openDSRPendingSeconds = 0
        /// Whether callbacks may go over plain HTTP.
        package var allowsPrivateCallbacks = false
        /// Whether every page of the store is looked at before it is opened: a damaged one may end the process.
        package var checksPages = false

        package init(
            dataPath: String, masterKeyPath: String? = nil, publicURL: String, storeBytesMax: Int? = nil, ai: AIConfiguration? = nil
        ) {
            self.dataPath = dataPath
            self.masterKeyPath = masterKeyPath
            self.publicURL = publicURL
            self.storeBytesMax = storeBytesMax
            self.ai = ai
        }
    }

    package let publicURL: PublicURL
    package let access: AccessControl
    package let tokens: AccessTokens
    package let personalization: Personalization
    package let playbooks = Playbooks()
    package let consents = Consents()
    package let advice: Advice
    package let idempotency = Idempotency()
    package let events = EventIntake()
    package let behavior = Behavior()
    package let catalog = Catalog()
    package let behavioralProfiles = BehavioralProfiles()
    package let insights = Insights()
    package let keys: APIKeys
    package let sessions: OperatorSessions
    package let personSessions: PersonSessions
    package let users: UserList
    package let profileViews: ProfileViews
    package let persons: Persons
    package let overview: Overview
    package let audit: Audit
    package let erasures: Erasures
    package let exports: UserExports
    package let exposures: Exposures
    package let processing: Processing
    package let tenantErasures: TenantErasures
    package let tenantExports: TenantExports
    package let restrictions = Restrictions()
    package let regulations: Regulations
    package let requests = DataRequests()
    package let holds: Holds
    package let outbox: Outbox
    package let openDSR: OpenDSR
    package let openDSRWork: OpenDSRWork

    let directory: TenantDirectory
    let folder: DataFolder
    let vault: KeyVault
    let store: LMDBEngine
    let clock: @Sendable () -> Timestamp
    let verification: TokenVerification

    let requestCensus = RequestCensus()
    private let levelUpkeep = BehavioralLevelUpkeep()

    /// What commands beside the server ask it to do.
    package var operations: Operations { Operations(self) }

    /// Opens the folder, making it where there is none, and reads what must be at hand.
    /// - Throws: `.unavailable` where the folder cannot be had or opened.
    package static func open(
        _ configuration: Configuration, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) async throws(EngineError) -> AttuneEngine {
        let folder = try DataFolder(path: configuration.dataPath)
        try PreparedRestore(folder).finishIfBegun()
        guard folder.hasVault || !folder.hasStore else {
            throw EngineError(.unavailable, "The data folder has a store and no key vault.")
        }
        if configuration.checksPages, folder.hasStore {
            do {
                try PageWalk.check(folder: folder.storePath)
            } catch {
                throw EngineError(.damaged, "The store is damaged (\(error)). Restore it from a backup.")
            }
        }
        return try await open(folder, vaultPath: folder.vaultPath, storePath: folder.storePath, configuration, clock: clock)
    }

    /// Opens a folder that the caller has locked, with vault and store at paths of their own.
    /// - Parameter resumes: whether jobs that a crash has left are taken up; not before what a restore carries over is in its place.
    static func open(
        _ folder: DataFolder, vaultPath: String, storePath: String, _ configuration: Configuration,
        resumes: Bool = true, clock: @escaping @Sendable () -> Timestamp
    ) async throws(EngineError) -> AttuneEngine {
        let engine: AttuneEngine
        do {
            let vault = try KeyVault(
                folder: vaultPath,
                masterKeyPath: configuration.masterKeyPath ?? DataFolder.masterKeyPath(in: configuration.dataPath))
            // A vault that knows partitions has outlived their store. Made anew, it would be taken for all that there is.
            guard LMDBEngine.exists(inFolder: storePath) || !vault.hasPartitions else {
                throw StoreError(.damaged, "looking for the store of a key vault in use")
            }
            let store = try LMDBEngine(
                LMDBEngine.Configuration(folder: storePath, bytesMax: configuration.storeBytesMax ?? StoreLimits.mapBytesMax),
                vault: vault, now: clock().milliseconds)
            engine = AttuneEngine(folder: folder, vault: vault, store: store, configuration, clock: clock)
        } catch {
            throw EngineError(.unavailable, "The data folder cannot be opened: \(error).")
        }
        do throws(EngineError) {
            try engine.settleVault()
            try await engine.directory.load(now: clock())
            let joinSteps = JoinSteps(max: Limits.joinStepsPerStartMax)
            for tenant in engine.directory.tenants where resumes {
                let scope = engine.console(for: tenant)
                await engine.tenantErasures.resume(scope)
                guard engine.directory.tenant(tenant.name) === tenant else { continue }
                try await tenant.loadSuppressions(now: scope.now)
                await engine.erasures.resume(scope)
                await engine.resumeRequests(of: tenant)
                await VisitorSplits(scope: scope).resume()
                await VisitorJoins(scope: scope).resume(joinSteps)
            }
        } catch {
            engine.store.close()
            throw error
        }
        return engine
    }

    /// Settles what a crash left between vault and store. That the store holds a partition is not enough: it may be the rest of an
    /// earlier life, which the present key does not open.
    private func settleVault() throws(EngineError) {
        do {
            try vault.settle { address throws(StoreError) in try store.census(of: address)?.name != nil }
        } catch {
            throw EngineError(.unavailable, "The data folder cannot be opened: \(error).")
        }
    }

    private init(
        folder: DataFolder, vault: KeyVault, store: LMDBEngine, _ configuration: Configuration, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.folder = folder
        self.vault = vault
        self.store = store
        self.clock = clock
        publicURL = PublicURL(configuration.publicURL)
        directory = TenantDirectory(installation: Table(tenant: .installation, engine: store, vault: vault))
        verification = TokenVerification(directory: directory, publicURL: publicURL)
        access = AccessControl(directory: directory, tokens: verification, clock: clock)
        tokens = AccessTokens(directory: directory, verification: verification, clock: clock)
        let withdrawals = Withdrawals()
        personalization = Personalization(withdrawals: withdrawals)
        persons = Persons(withdrawals: withdrawals)
        advice = Advice(
            personalization: personalization, playbooks: playbooks,
            advisor: configuration.ai.map { AIAdvisor($0, withdrawals: withdrawals, clock: clock) })
        keys = APIKeys(directory: directory)
        sessions = OperatorSessions(access: access)
        personSessions = PersonSessions(access: access)
        users = UserList(vault: vault, store: store, personalization: personalization)
        profileViews = ProfileViews(users: users, personalization: personalization, advice: advice, playbooks: playbooks)
        audit = Audit(directory: directory, verification: verification)
        erasures = Erasures(vault: vault, store: store, advisor: advice.advisor, audit: audit, clock: clock)
        exports = UserExports(behavior: behavior)
        exposures = Exposures(directory: directory, users: users)
        processing = Processing(aiModel: configuration.ai?.provider.model)
        tenantErasures = TenantErasures(directory: directory, store: store, audit: audit, clock: clock)
        tenantExports = TenantExports(exports: exports, store: store, audit: audit, clock: clock)
        regulations = Regulations(erasures: erasures)
        let processor = ProcessorIdentity(installation: directory.installation, publicURL: publicURL)
        outbox = Outbox(processor: processor, clock: clock)
        openDSRWork = OpenDSRWork(erasures: erasures, outbox: outbox, publicURL: publicURL, clock: clock)
        openDSR = OpenDSR(
            processor: processor, publicURL: publicURL, exports: exports, work: openDSRWork,
            pendingSeconds: configuration.openDSRPendingSeconds, clock: clock, allowsPrivateCallbacks: configuration.allowsPrivateCallbacks)
        holds = Holds(work: openDSRWork)
        overview = Overview(users: users, store: StoreHealth(store), clock: clock, since: clock())
    }

    /// Takes up requests and messages that a run before has left.
    private func resumeRequests(of tenant: Tenant) async {
        do throws(EngineError) {
            try await outbox.load(tenant, now: clock())
        } catch {
            OpenDSRWork.logger.error("messages of a tenant could not be taken up", metadata: ["tenant": "\(tenant.name.text)"])
        }
        do throws(EngineError) {
            let open = try await tenant.table.openRequests(now: clock())
            await openDSRWork.load(tenant, open, now: clock())
            await regulations.close(open, console(for: tenant))
        } catch {
            OpenDSRWork.logger.error("requests of a tenant could not be taken up", metadata: ["tenant": "\(tenant.name.text)"])
        }
    }

    /// Whether the store can commit. Where the last commit failed, this tries again.
    package func isReady() async -> Bool {
        (try? await store.probe()) != nil
    }

    /// Work that returns by itself every so often, until cancelled.
    package func upkeep(logger: Logger) async {
        async let joins: Void = moveVisitors()
        while !Task.isCancelled {
            await tidy(logger: logger)
            try? await Task.sleep(for: .seconds(Limits.upkeepIntervalSeconds))
        }
        await joins
    }

    /// Moves, soon after, what requests have left of visitors' pasts.
    private func moveVisitors() async {
        while !Task.isCancelled {
            await moveWaitingVisitors()
            try? await Task.sleep(for: .milliseconds(Limits.joinRoundMilliseconds))
        }
    }

    /// One round: each tenant's in turn, a bounded number of steps.
    package func moveWaitingVisitors() async {
        for tenant in directory.tenants where tenant.takeWaitingJoins(now: clock()) {
            await VisitorJoins(scope: console(for: tenant)).takeUp(JoinSteps(max: Limits.joinStepsPerRoundMax))
        }
    }

    /// Drops what has ended from memory, sweeps what has expired, stores when keys were last used, clears away deleted tenants, judges
    /// levels that change with time.
    package func tidy(logger: Logger) async {
        directory.dropEnded(now: clock())
        do {
            while try await store.sweepExpired(now: clock().milliseconds) > 0, !Task.isCancelled {}
        } catch {
            logger.warning("sweeping did not finish", metadata: ["error": "\(error)"])
        }
        do {
            try await directory.storeLastUses(now: clock())
        } catch {
            logger.warning("storing when keys were last used did not finish", metadata: ["error": "\(error)"])
        }
        do {
            while try await store.sweepGoneTenants() > 0, !Task.isCancelled {}
        } catch {
            logger.warning("sweeping deleted tenants did not finish", metadata: ["error": "\(error)"])
        }
        await tenantErasures.resumeUnfinished()
        await levelUpkeep.run(directory.tenants.map(console), logger: logger)
    }

    /// Commits what waits and lets go of the folder. Nothing may be asked of the engine afterwards.
    package func close() async {
        await advice.close()
        try? await directory.storeLastUses(now: clock())
        store.close()
        folder.release()
    }
}
