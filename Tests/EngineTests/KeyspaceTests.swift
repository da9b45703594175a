import Engine
import Testing

@Suite struct KeyspaceTests {
    /// One of each. Without the switch a new case would be forgotten here.
    private static func samples() throws -> [Keyspace] {
        let user = try UserID("u1")
        let samples: [Keyspace] = [
            .tenant(digest: "d"), .tenantCounter, .apiKey(id: "i"), .signingKey(number: 1), .revocation(digest: "d"), .playbook,
            .tenantAnswer(digest: "d"), .personalization(user), .userAnswer(user, digest: "d"),
        ]
        for sample in samples {
            switch sample {
            case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer, .personalization, .userAnswer: break
            }
        }
        return samples
    }

    /// What lies in a user's partition is exported under a name of its own and erased with the user; what does not holds nothing personal.
    @Test func everyItemSaysHowItIsExportedAndErased() throws {
        var sections: [String] = []
        for key in try Self.samples() {
            let isOfAUser = key.partition.starts(with: "USER#".utf8)
            switch key.personalData.export {
            case .nothingPersonal: #expect(!isOfAUser && key.personalData.erasure == .notApplicable, "\(key.sort)")
            case .section(let name):
                #expect(isOfAUser && key.personalData.erasure == .withPartition, "\(key.sort)")
                sections.append(name)
            }
        }
        #expect(Set(sections) == ["personalization", "keptAnswers"] && sections.count == 2)
    }

    /// Otherwise the export of a tenant that has such an item fails.
    @Test func everyItemOfATenantIsExportedOrWithheld() throws {
        let types = Set(try Self.samples().filter { $0.partition != Array("TENANTS".utf8) }.map(\.entityType))
        #expect(types == ExportTenant.exportedTypes.union(ExportTenant.withheldTypes))
        #expect(ExportTenant.exportedTypes.isDisjoint(with: ExportTenant.withheldTypes))
    }

    @Test func noTwoItemsHaveTheSameKey() throws {
        let keys = try Self.samples().map { [$0.partition, Array($0.sort.utf8)] }
        #expect(Set(keys).count == keys.count)
    }
}
