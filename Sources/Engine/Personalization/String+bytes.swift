extension String {
    /// Whether both texts are the same bytes. Names and goals are told apart by this: `==` takes the NFC and the NFD form for equal.
    package func hasSameBytes(as other: String) -> Bool {
        // `==` is quick to say no; only texts that it takes for equal are looked at byte by byte.
        self == other && utf8.elementsEqual(other.utf8)
    }
}

extension Array where Element == String {
    /// The texts in their order, each byte sequence once, at most `limit`.
    func distinctByBytes(limit: Int) -> [String] {
        var distinct: [String] = []
        for text in self where distinct.count < limit && !distinct.contains(where: { $0.hasSameBytes(as: text) }) {
            distinct.append(text)
        }
        return distinct
    }
}
