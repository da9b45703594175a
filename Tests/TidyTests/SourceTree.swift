import Foundation

/// The repository's own source, as text.
struct SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File {
        /// Relative to the repository.
        let path: String
        let lines: [Substring]

        /// The room: the folder below `Sources`.
        var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

        /// Names of imported modules, without attributes and access levels.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").drop { word in
                    word.hasPrefix("@") || ["package", "public", "internal", "private"].contains(word)
                }
                return words.first == "import" ? words.dropFirst().first.map { String($0.split(separator: ".")[0]) } : nil
            }
        }
    }

    /// Hand-written Swift below some folders.
    static func swiftFiles(below folders: String...) throws -> [File] {
        try folders.flatMap { folder in
            let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.allObjects as? [String] ?? []
            return try paths.filter { $0.hasSuffix(".swift") && !$0.hasSuffix(".pb.swift") }.sorted().map { path in
                let text = try String(contentsOf: root.appendingPathComponent("\(folder)/\(path)"), encoding: .utf8)
                return File(path: "\(folder)/\(path)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
            }
        }
    }
}

extension SourceTree.File {
    struct Function {
        let line: Int
        let name: String
        let lineCount: Int
    }

    /// Functions and initializers with a body, by matching braces: strings and comments in this code base hold none that do not match.
    var functions: [Function] {
        var found: [Function] = []
        for (start, line) in lines.enumerated() {
            let words = line.split(whereSeparator: { " (<?".contains($0) })
            guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//"),
                let keyword = words.firstIndex(where: { ["func", "init", "deinit"].contains($0) }),
                line[..<words[keyword].startIndex].allSatisfy({ $0 != "." && $0 != "=" && $0 != "\"" }),
                let end = endOfBody(from: start)
            else { continue }
            let name = words[keyword] == "func" && keyword + 1 < words.count ? words[keyword + 1] : words[keyword]
            found.append(Function(line: start + 1, name: String(name), lineCount: end - start + 1))
        }
        return found
    }

    private func endOfBody(from start: Int) -> Int? {
        var depth = 0
        var hasBody = false
        let indentation = lines[start].prefix { $0 == " " }.count
        for index in start..<lines.count {
            for character in lines[index] {
                if character == "{" {
                    depth += 1
                    hasBody = true
                } else if character == "}" {
                    depth -= 1
                }
            }
            if hasBody, depth <= 0 { return index }
            // A requirement of a protocol ends where the next thing of its depth begins.
            if !hasBody, index > start, lines[index].prefix(while: { $0 == " " }).count <= indentation, !lines[index].hasPrefix(" )"),
                !lines[index].trimmingCharacters(in: .whitespaces).hasPrefix(")")
            {
                return nil
            }
        }
        return nil
    }
}
