/// Why the gateway cannot start, and what to do about it; names settings, paths and ports, which are the operator's own.
package struct StartError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
