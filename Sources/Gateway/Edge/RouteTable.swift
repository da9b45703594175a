package import Hummingbird

/// Which methods each path has: for `Allow`, for the meters and for the comparison with the OpenAPI document.
package struct RouteTable: Sendable {
    package struct Entry: Sendable {
        package let path: RouterPath
        package var methods: [HTTPRequest.Method]
    }

    /// What stands for the route in metrics and logs where there is none; also Hummingbird's word for it.
    static let unmatched = "NotFound"

    package private(set) var entries: [Entry] = []

    package init(_ routes: [Router<GatewayContext>.RouteDescription]) {
        for route in routes {
            // HEAD comes with every GET.
            let methods = route.method == .get ? [.get, .head] : [route.method]
            if let index = entries.firstIndex(where: { $0.path.description == route.path.description }) {
                entries[index].methods += methods
            } else {
                entries.append(Entry(path: route.path, methods: methods))
            }
        }
    }

    /// Why no route was found: 405 where the path exists with other methods, else 404.
    func refusal(of request: Request) -> Problem {
        let segments = request.uri.path.split(separator: "/")
        let matching = entries.filter { Self.matches($0.path, segments) }
        // A path that is written out goes before one with parameters, as it does in the router.
        let literal = matching.filter { $0.path.description.split(separator: "/").elementsEqual(segments) }
        let allowed = (literal.isEmpty ? matching : literal).flatMap(\.methods)
        guard !allowed.isEmpty else { return .notFound }
        return Problem(
            .methodNotAllowed, "This path does not have that method.",
            headers: [.allow: allowed.map(\.rawValue).sorted().joined(separator: ", ")])
    }

    private static func matches(_ path: RouterPath, _ segments: [Substring]) -> Bool {
        path.count == segments.count && zip(path, segments).allSatisfy { $0 ~= $1 }
    }
}
