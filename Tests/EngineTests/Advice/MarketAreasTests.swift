import Testing

@testable import Engine

/// Areas as agents write them, against the playbook that is built in.
@Suite("Market areas of the built-in playbooks") struct MarketAreasTests {
    private func categories(for area: String) -> [Set<MarketInsight.Category>] {
        let area = Phrase(area)
        let insights = Playbook.standard.insights.filter { $0.marketFocus.contains { Phrase($0).matches(area) } }
        return Dictionary(grouping: insights, by: \.marketFocus).values.map { Set($0.map(\.category)) }
    }

    @Test(
        "an area finds an insight of each category",
        arguments: [
            "Luxury homes", "High-end homes", "Luxury condos", "Condominiums", "Lofts", "First-time homebuyers", "Starter homes",
            "Waterfront homes", "Beach houses", "Lakefront cabins", "Investors", "Cash-flow properties", "Landlords", "Rental properties",
            "Multi-family properties", "Duplexes", "New construction", "New builds", "Relocating families", "Seniors", "55+ communities",
            "Empty nesters", "Suburbs", "Single-family homes", "Urban living", "Vacant land", "Acreage", "Ranches", "Horse properties",
            "Second homes", "Short-term rentals", "Commercial real estate", "Retail", "Office space", "Industrial", "Foreclosures",
            "Short sales", "Fixer-uppers", "House flipping", "Military families", "VA loans", "Historic homes", "Townhouses",
            "Move-up buyers", "Golf communities", "Mobile homes", "International buyers", "Divorce sales", "Probate", "Student housing",
            "Energy-efficient homes", "Ski properties", "Expired listings", "FSBOs", "Co-ops",
        ])
    func area(_ area: String) {
        #expect(categories(for: area).contains(Set(MarketInsight.Category.allCases)))
    }

    @Test(
        "what only sounds like an area finds none",
        arguments: ["Homes", "Portland", "Greenville", "Lakewood", "Miami Beach", "vineyards"])
    func noArea(_ area: String) {
        #expect(categories(for: area).isEmpty)
    }

    @Test func aPartOfAWordIsNoPart() {
        #expect(!Phrase("landlord").matches(Phrase("Land")))
        #expect(Phrase("land and lots").matches(Phrase("Land")))
    }

    @Test("each area has all four categories, and there are enough of them", arguments: [(Playbook.standard, 25), (Playbook.general, 10)])
    func everyArea(playbook: Playbook, least: Int) {
        let areas = Dictionary(grouping: playbook.insights.filter { !$0.marketFocus.isEmpty }, by: \.marketFocus)
        #expect(areas.count >= least)
        for (area, insights) in areas { #expect(Set(insights.map(\.category)).count == 4, "\(area)") }
    }
}
