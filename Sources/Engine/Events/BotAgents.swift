/// Tells programs that crawl, watch or preview from people, by what they call themselves.
package enum BotAgents {
    /// Words that such programs have in their names, in lower case. SDKs that send for people (`python-requests`, `okhttp`) are none.
    private static let words = [
        "bot", "crawl", "spider", "slurp", "facebookexternalhit", "headlesschrome", "phantomjs", "lighthouse", "pingdom", "uptimerobot",
        "preview", "scrapy", "bingpreview", "mediapartners-google", "ia_archiver", "embedly", "whatsapp/", "gtmetrix", "archiver",
    ].map { Array($0.utf8) }

    package static func isBot(_ userAgent: String) -> Bool {
        guard !userAgent.isEmpty else { return false }
        let text = userAgent.utf8.prefix(1024).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        // "cubot" is a maker of telephones.
        return words.contains { contains(text, $0) } && !contains(text, Array("cubot".utf8))
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...(text.count - word.count)).contains { start in
            text[start] == word[0] && text[start..<(start + word.count)].elementsEqual(word)
        }
    }
}
