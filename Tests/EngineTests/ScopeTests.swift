import Engine
import Testing
import Tokens

/// Who may do what: contract, "Who may call".
@Suite struct ScopeTests {
    private static func isAllowed(_ permission: Permission, key kind: String) -> Bool {
        switch kind {
        case "secret": true
        case "privacy":
            [
                .introspectTokens, .exportUser, .eraseUser, .restrictUser, .readReceipts, .readAudit, .manageRegulations, .manageRequests,
                .holdUser, .readPerson, .rectifyUser, .readExposure, .readProcessing,
            ].contains(permission)
        case "publishable": permission == .writeConsent || permission == .sendEvents
        default: false
        }
    }

    private static func isAllowed(_ permission: Permission, token scope: TokenScope) -> Bool {
        switch permission {
        case .readPersonalization: scope == .personalizationRead
        case .writePersonalization: scope == .personalizationWrite
        case .readConsent: scope == .personalizationRead || scope == .profileRead
        case .writeConsent: scope == .personalizationWrite || scope == .eventsWrite
        case .sendEvents: scope == .eventsWrite
        case .readBehavior: scope == .personalizationRead || scope == .profileRead
        case .readTimeline, .readPerson: scope == .profileRead
        case .exportUser: scope == .privacyExport
        case .eraseUser, .restrictUser: scope == .privacyErase
        case .readReceipts: scope == .privacyExport || scope == .privacyErase
        case .recordForUsers, .managePlaybook, .manageTokens, .introspectTokens, .readInsights, .manageCatalog, .manageBehavioralProfiles,
            .extractFeatures, .manageKeys, .listUsers, .readOverview, .readAudit, .manageRegulations, .manageRequests, .holdUser,
            .manageTenant, .rectifyUser, .readExposure, .readProcessing:
            false
        }
    }

    @Test(arguments: ["secret", "publishable", "privacy"])
    func keysMayDoWhatTheirKindMay(kind: String) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let scope = try fixture.scope(try await fixture.makeKey(kind: kind).key)
        for permission in Permission.allCases {
            let isAllowed = Self.isAllowed(permission, key: kind)
            #expect(await fixture.code { try scope.authorize(permission) } == (isAllowed ? nil : .forbidden))
            let known = await fixture.code { _ = try scope.authorize(permission, for: .user(UserID("u1"))) }
            #expect(known == (isAllowed ? nil : .forbidden))
            #expect(await fixture.code { _ = try scope.authorize(permission, for: .me) } == (isAllowed ? .invalid : .forbidden))
        }
    }

    @Test(arguments: TokenScope.allCases)
    func tokensMayDoWhatTheirScopeSaysForTheirOwnUser(granted: TokenScope) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let scope = try fixture.scope(try await fixture.mint(user: "u1", scopes: [granted.rawValue]))
        for permission in Permission.allCases {
            let isAllowed = Self.isAllowed(permission, token: granted)
            #expect(await fixture.code { try scope.authorize(permission) } == (isAllowed ? nil : .forbidden))
            for reference in [UserReference.me, .user(try UserID("u1"))] {
                let own = Result { () throws(EngineError) in try scope.authorize(permission, for: reference).id }
                #expect(own.failure?.code == (isAllowed ? nil : .forbidden))
                #expect(try own.failure != nil || own.get() == UserID("u1"))
            }
            #expect(await fixture.code { _ = try scope.authorize(permission, for: .user(UserID("u2"))) } == .forbidden)
        }
    }

    @Test func anotherUsersRefusalIsTheSameWhetherTheUserExists() async throws {
        let fixture = try await EngineFixture()
        let tenant = try await fixture.tenantScope()
        try await fixture.use("a", by: "there", tenant)
        let scope = try fixture.scope(try await fixture.mint(user: "u1"))
        let refusals = ["there", "missing"].map { id in
            Result { () throws(EngineError) in _ = try scope.authorize(.readPersonalization, for: .user(UserID(id))) }
        }
        #expect(throws: EngineError.self) { try refusals[0].get() }
        #expect(refusals[0].failure == refusals[1].failure)
    }

    @Test func namesThatDifferInNormalizationAreTwoUsers() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let scope = try fixture.scope(try await fixture.mint(user: "\u{E9}"))
        _ = try scope.authorize(.readPersonalization, for: .user(UserID("\u{E9}")))
        #expect(await fixture.code { _ = try scope.authorize(.readPersonalization, for: .user(UserID("e\u{301}"))) } == .forbidden)
    }

    @Test(arguments: [("u1", "u1"), ("a%2Fb", "a/b"), ("%2561", "%61"), ("%C3%A9", "\u{E9}"), ("m%65x", "mex")])
    func aPathSegmentIsDecodedOnce(segment: String, id: String) throws {
        #expect(try UserReference(pathSegment: segment) == .user(UserID(id)))
    }

    @Test(arguments: ["", "%", "%2", "%zz", "%00", "%0A", "%FF", "m%65", String(repeating: "a", count: 257)])
    func aPathSegmentThatNamesNobodyIsInvalid(segment: String) {
        #expect(throws: EngineError.self) { try UserReference(pathSegment: segment) }
    }

    @Test func meIsTheTokensOwnUser() throws { #expect(try UserReference(pathSegment: "me") == .me) }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
