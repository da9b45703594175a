import Synchronization

/// Tells programs that crawl, watch, or preview pages from people, by their user agents. SDKs that servers send with for people
/// (`python-requests`, `okhttp`) are no such programs.
///
/// A user agent is product names with comments in parentheses (RFC 9110, 10.1.5). What a comment about the platform says is the device's
/// (phones are called `M bot 60`, `Spider 8`, `CUBOT_NOTE_S`), so that a program is looked for in everything else: by a word that ends
/// in `bot`, `crawler`, and the like, by a name of `BotNames`, and by `+http://`, where crawlers say who they are.
package enum BotAgents {
    /// Verdicts on the user agents that have come lately: most events come from few of them.
    private static let verdicts = Mutex(TwoGenerationCache<String, Bool>(entriesMax: Limits.cachedUserAgentsMax))

    package static func isBot(_ userAgent: String) -> Bool {
        guard !userAgent.isEmpty else { return false }
        guard userAgent.utf8.count <= Limits.userAgentBytesMax else {
            return isBot(String(decoding: userAgent.utf8.prefix(Limits.userAgentBytesMax), as: UTF8.self))
        }
        if let known = verdicts.withLock({ $0.value(userAgent) }) { return known }
        let verdict = UserAgentText(userAgent).isOfProgram
        verdicts.withLock { $0.insert(verdict, for: userAgent) }
        return verdict
    }
}

/// A user agent, taken apart.
private struct UserAgentText {
    private let text: String
    /// What stands outside of comments.
    private var products = ""
    private var comments: [String] = []

    private static let endings = [
        "bot", "bots", "robot", "robots", "crawler", "crawlers", "crawl", "crawling", "spider", "spiders", "scraper", "scrapy",
    ]
    /// Makers and models of devices.
    private static let devices: Set<String> = ["cubot", "fossibot", "xbot", "irobot", "idbot", "vrbot", "mbot", "powerbot", "abbot"]
    private static let platforms = [
        "android", "linux", "iphone", "ipad", "windows", "macintosh", "mac os", "x11", "web0s", "webos", "tizen", "smart", "hbbtv", "midp",
        "adr ", "cros", "playstation", "nintendo", "drm;", "symbian", "blackberry", "darwin", "ios ", "fbdv/", "fban/",
    ]
    /// What makes a comment a program's in spite of a platform.
    private static let introductions = ["compatible", "http:", "https:", "www.", "@"]

    init(_ userAgent: String) {
        text = userAgent.lowercased()
        var (depth, comment) = (0, "")
        // Facebook's apps write theirs in brackets.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "(", "[":
                depth += 1
                if depth == 1 { products += " " } else { comment += " " }
            case ")", "]":
                guard depth > 0 else { continue }
                depth -= 1
                guard depth == 0 else { continue }
                comments.append(comment)
                comment = ""
            default:
                if depth > 0 { comment.unicodeScalars.append(scalar) } else { products.unicodeScalars.append(scalar) }
            }
        }
        if !comment.isEmpty { comments.append(comment) }
    }

    var isOfProgram: Bool {
        if saysWhereItIsFrom || isLinkPreview || Self.namesProgram(products, onlyVersioned: false) { return true }
        return comments.contains { Self.namesProgram($0, onlyVersioned: Self.isOfPlatform($0)) }
    }

    /// `+https://example.com/bot`; libraries give the address of their source.
    private var saysWhereItIsFrom: Bool {
        for scheme in ["+http://", "+https://", "+ http://", "+ https://"] {
            for part in text.split(separator: scheme, omittingEmptySubsequences: false).dropFirst() {
                let host = part.hasPrefix("www.") ? part.dropFirst(4) : part
                if !host.hasPrefix("github.com") { return true }
            }
        }
        return false
    }

    /// WhatsApp's preview of a link; in its own browser it is named last.
    private var isLinkPreview: Bool { text.hasPrefix("whatsapp") }

    private static func isOfPlatform(_ comment: String) -> Bool {
        platforms.contains { comment.contains($0) } && !introductions.contains { comment.contains($0) }
    }

    /// - Parameter onlyVersioned: whether only a name with a version counts, as `Storebot-Google/1.0`: the rest is the device's.
    private static func namesProgram(_ text: String, onlyVersioned: Bool) -> Bool {
        for token in text.utf8.split(whereSeparator: { !isTokenByte($0) }) {
            let isVersioned = token.endIndex < text.endIndex && text.utf8[token.endIndex] == UInt8(ascii: "/")
            if onlyVersioned, !isVersioned { continue }
            let name = Substring(token)
            if BotNames.contains(name) || BotNames.contains(trimmed(name)) { return true }
            let words = name.split { !($0 >= "a" && $0 <= "z") }
            // The version stands behind the last word.
            if (onlyVersioned ? words.suffix(1) : words[...]).contains(where: isProgramWord) { return true }
        }
        return false
    }

    private static func isProgramWord(_ word: Substring) -> Bool {
        endings.contains { word.hasSuffix($0) } && !devices.contains(String(word))
    }

    /// Without a version behind a hyphen or a point at the end: `Uptime-Kuma-1.2`, `linkdex.com.`.
    private static func trimmed(_ name: Substring) -> Substring {
        var name = name
        while let last = name.utf8.last,
            (0x30...0x39).contains(last) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(last)
        {
            name = name.dropLast()
        }
        return name
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
