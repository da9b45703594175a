/// A tenant's public keys (RFC 7517, section 5), in the order given.
package struct JSONWebKeySet: Sendable, Equatable {
    package let keys: [JSONWebKey]

    package init(_ keys: [JSONWebKey]) {
        self.keys = keys
    }

    package var json: String {
        #"{"keys":["# + keys.map(\.json).joined(separator: ",") + "]}"
    }
}
