/// Street addresses.
extension Redaction {
    private static let suffixes: Set<String> = [
        "street", "st", "avenue", "ave", "road", "rd", "lane", "ln", "drive", "dr", "boulevard", "blvd", "court", "ct", "way", "place",
        "pl", "square", "sq", "terrace", "close", "crescent", "highway", "hwy", "parkway", "mews", "row", "alley",
    ]
    private static let germanEndings = ["straße", "strasse", "str", "weg", "platz", "gasse", "allee", "ufer", "damm", "straat", "laan"]
    private static let prefixes: Set<String> = [
        "rue", "avenue", "boulevard", "chemin", "place", "quai", "allée", "impasse", "via", "viale", "corso", "piazza", "calle",
        "avenida", "paseo", "plaza", "rua", "travessa", "praça", "strada",
    ]

    static func replaceStreets(in words: inout [Word]) {
        var index = 0
        while index < words.count {
            if let end = streetEnd(words, from: index) {
                let trail = words[end].trail
                words[index].core = "[address]"
                words[index].trail = trail
                words.removeSubrange((index + 1)..<(end + 1))
            }
            index += 1
        }
    }

    /// Index of the last word of the address that begins here.
    private static func streetEnd(_ words: [Word], from start: Int) -> Int? {
        isHouseNumber(words[start]) ? endAfterNumber(words, from: start) : endWithNumber(words, from: start)
    }

    /// "221b Baker Street", "12, rue de la Paix", "12 bis rue X".
    private static func endAfterNumber(_ words: [Word], from start: Int) -> Int? {
        let next = start + 1
        guard next < words.count else { return nil }
        let first = words[next].lower == "bis" || words[next].lower == "ter" ? next + 1 : next
        if first < words.count, prefixes.contains(words[first].lower) { return endOfName(words, after: first) }
        for end in next..<min(next + 4, words.count) {
            let word = words[end]
            if end > next, suffixes.contains(word.lower), isCapitalized(word.core) || isCapitalized(words[end - 1].core) { return end }
            guard isCapitalized(word.core) || isOrdinal(word.core), word.trail.isEmpty else { return nil }
        }
        return nil
    }

    /// "Hauptstraße 5", "Berliner Str. 12a", "Via Roma 3", "Calle de Alcalá, 42".
    private static func endWithNumber(_ words: [Word], from start: Int) -> Int? {
        let word = words[start]
        func numberFollows(_ index: Int) -> Bool { index + 1 < words.count && isHouseNumber(words[index + 1]) }
        if isCapitalized(word.core), word.core.count > 4, germanEndings.contains(where: { word.lower.hasSuffix($0) }), numberFollows(start)
        {
            return start + 1
        }
        if isCapitalized(word.core), start + 1 < words.count, isCapitalized(words[start + 1].core),
            germanEndings.contains(words[start + 1].lower), numberFollows(start + 1)
        {
            return start + 2
        }
        guard prefixes.contains(word.lower), let end = endOfName(words, after: start), end > start, numberFollows(end) else { return nil }
        return end + 1
    }

    /// The last of up to five words of a street's name, particles among them.
    private static func endOfName(_ words: [Word], after start: Int) -> Int? {
        var end: Int?
        for index in (start + 1)..<max(start + 1, min(start + 6, words.count)) {
            if isCapitalized(words[index].core) {
                end = index
                if !words[index].trail.isEmpty { break }
            } else if !particles.contains(words[index].lower) {
                break
            }
        }
        return end
    }

    /// "221b", "12": up to five digits and perhaps a letter.
    private static func isHouseNumber(_ word: Word) -> Bool {
        let digits = word.core.prefix { $0.isNumber }
        let rest = word.core.dropFirst(digits.count)
        return (1...5).contains(digits.count) && (rest.isEmpty || rest.count == 1 && rest.first?.isLetter == true)
    }

    private static func isOrdinal(_ core: String) -> Bool {
        core.first?.isNumber == true && ["st", "nd", "rd", "th"].contains { core.lowercased().hasSuffix($0) }
    }
}
