import Engine
import Testing

@Suite struct ProductCountTests {
    private func products(_ ids: Int...) -> [Product] { ids.map { Product(id: "p\($0)", name: "Lamp", category: "lamps") } }

    private func refusal(_ body: () async throws -> Void) async -> [String] {
        do {
            try await body()
            return []
        } catch let error as EngineError {
            return error.code == .invalid ? error.violations.map(\.pointer) : ["\(error.code)"]
        } catch {
            return ["\(error)"]
        }
    }

    @Test("a tenant has so many products and no more, put one by one or together")
    func bound() async throws {
        let events = try await EventsFixture()
        let (catalog, scope) = (Catalog(productsMax: 5), events.scope)
        try await catalog.put(scope, products(1, 2, 3))
        _ = try await catalog.put(scope, products(4)[0], if: nil)
        // A batch that does not fit is refused as a whole; one that replaces is none.
        #expect(await refusal { try await catalog.put(scope, products(3, 4, 5, 6)) } == ["/products"])
        #expect(try await catalog.products(scope, limit: 10, cursor: nil).products.count == 4)
        #expect(try await catalog.put(scope, products(1, 2, 3, 4, 5, 5)) == 5)
        #expect(await refusal { _ = try await catalog.put(scope, products(6)[0], if: nil) } == ["/id"])
        _ = try await catalog.put(scope, products(5)[0], if: nil)
        try await catalog.delete(scope, id: "p1")
        #expect(await refusal { try await catalog.delete(scope, id: "p1") } == ["notFound"])
        _ = try await catalog.put(scope, products(6)[0], if: nil)
        #expect(await refusal { _ = try await catalog.put(scope, products(7)[0], if: nil) } == ["/id"])
        #expect(try await catalog.products(scope, limit: 10, cursor: nil).products.map(\.id).sorted() == ["p2", "p3", "p4", "p5", "p6"])
    }

    @Test("many at once do not go over it together")
    func together() async throws {
        let events = try await EventsFixture()
        let (catalog, scope) = (Catalog(productsMax: 50), events.scope)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { _ = try? await catalog.put(scope, Product(id: "p\(number)", name: "Lamp", category: "lamps"), if: nil) }
            }
        }
        #expect(try await catalog.products(scope, limit: 200, cursor: nil).products.count == 50)
        try await Catalog(productsMax: 250).put(scope, (0..<250).map { Product(id: "p\($0)", name: "Lamp", category: "lamps") })
        #expect(try await catalog.products(scope, limit: 1000, cursor: nil).products.count == 250)
    }
}
