/// The stem of an English word: what "posting", "posted" and "posts" have in common.
///
/// Step 1 of M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980): plurals, -ed, -ing, and y behind a vowel. The later
/// steps are left out, as they bring together what differs in goals ("organize", "organization"), and a final e is dropped, so that
/// "advertise" and "advertising" meet.
enum Stem {
    /// - Parameter word: lower case; a word with anything but a to z stays as it is.
    static func of(_ word: [UInt8]) -> [UInt8] {
        guard word.count > 2, word.allSatisfy({ $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }) else { return word }
        var stem = word
        plural(&stem)
        participle(&stem)
        if stem.last == y, hasVowel(stem.dropLast()) { stem[stem.count - 1] = i }
        if stem.last == e, stem.count > 3 { stem.removeLast() }
        return stem
    }

    /// Step 1a.
    private static func plural(_ stem: inout [UInt8]) {
        if ends(stem, "sses") || ends(stem, "ies") {
            stem.removeLast(2)
        } else if stem.last == UInt8(ascii: "s"), !ends(stem, "ss") {
            stem.removeLast()
        }
    }

    /// Step 1b.
    private static func participle(_ stem: inout [UInt8]) {
        if ends(stem, "eed") {
            if measure(stem.dropLast(3)) > 0 { stem.removeLast() }
            return
        }
        guard let length = ends(stem, "ed") ? 2 : ends(stem, "ing") ? 3 : nil, hasVowel(stem.dropLast(length)) else { return }
        stem.removeLast(length)
        if ends(stem, "at") || ends(stem, "bl") || ends(stem, "iz") {
            stem.append(e)
        } else if let last = stem.last, stem.count > 1, stem[stem.count - 2] == last, isConsonant(stem.count - 1, in: stem[...]) {
            if !"lsz".utf8.contains(last) { stem.removeLast() }
        } else if measure(stem[...]) == 1, endsInShortSyllable(stem) {
            stem.append(e)
        }
    }

    private static let (e, i, y) = (UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "y"))

    private static func ends(_ word: [UInt8], _ suffix: StaticString) -> Bool {
        suffix.withUTF8Buffer { word.count > $0.count && word.suffix($0.count).elementsEqual($0) }
    }

    private static func isConsonant(_ place: Int, in word: ArraySlice<UInt8>) -> Bool {
        if "aeiou".utf8.contains(word[place]) { return false }
        return word[place] != y || place == word.startIndex || !isConsonant(place - 1, in: word)
    }

    private static func hasVowel(_ word: ArraySlice<UInt8>) -> Bool {
        word.indices.contains { !isConsonant($0, in: word) }
    }

    /// m of the article: how often consonants follow vowels.
    private static func measure(_ word: ArraySlice<UInt8>) -> Int {
        var (count, wasVowel) = (0, false)
        for place in word.indices {
            let isVowel = !isConsonant(place, in: word)
            if wasVowel, !isVowel { count += 1 }
            wasVowel = isVowel
        }
        return count
    }

    /// *o of the article: consonant, vowel, consonant, the last not w, x or y.
    private static func endsInShortSyllable(_ word: [UInt8]) -> Bool {
        guard word.count >= 3, let last = word.last, !"wxy".utf8.contains(last) else { return false }
        let end = word.count - 1
        return isConsonant(end, in: word[...]) && !isConsonant(end - 1, in: word[...]) && isConsonant(end - 2, in: word[...])
    }
}
