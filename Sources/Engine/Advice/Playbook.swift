/// What a tenant advises its users by: its features, its types of content, its insights and its rules.
///
/// Wire form: `Schemas/playbook.schema.json`. What has been checked is a `CompiledPlaybook`.
package struct Playbook: Codable, Sendable, Equatable {
    /// In the order in which a new user should come to know them.
    package var features: [Feature]
    package var contentTypes: [ContentType]
    package var insights: [Insight]
    /// Of rules with the same priority the earlier one goes first.
    package var rules: [PlaybookRule]

    package init(features: [Feature], contentTypes: [ContentType], insights: [Insight], rules: [PlaybookRule]) {
        self.features = features
        self.contentTypes = contentTypes
        self.insights = insights
        self.rules = rules
    }

    /// Something that users do in the tenant's product, under the name by which its use is tracked.
    package struct Feature: Codable, Sendable, Equatable {
        package var name: String
        package var title: String
        package var description: String
        /// Where it is: a path from `/`, or an http(s) URL.
        package var link: String

        package init(name: String, title: String, description: String, link: String) {
            self.name = name
            self.title = title
            self.description = description
            self.link = link
        }
    }

    /// A type of content that users make, under the name by which its success is tracked.
    package struct ContentType: Codable, Sendable, Equatable {
        package var name: String
        package var title: String
        package var description: String

        package init(name: String, title: String, description: String) {
            self.name = name
            self.title = title
            self.description = description
        }
    }

    /// Something worth knowing about a market.
    package struct Insight: Codable, Sendable, Equatable {
        package var title: String
        package var description: String
        package var category: MarketInsight.Category
        /// The areas that it speaks about; empty where it is of use to everybody.
        package var marketFocus: [String]

        package init(title: String, description: String, category: MarketInsight.Category, marketFocus: [String] = []) {
            self.title = title
            self.description = description
            self.category = category
            self.marketFocus = marketFocus
        }
    }
}
