import Testing

/// Short files and functions, as the house has them.
@Suite struct LengthTests {
    private static let fileLinesMax = 400
    private static let functionLinesMax = 60
    private static let lineCharactersMax = 140

    @Test func filesAreShort() throws {
        for file in try SourceTree.swiftFiles(below: "Sources", "Tests") {
            #expect(file.lines.count <= Self.fileLinesMax, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func functionsAreShort() throws {
        let files = try SourceTree.swiftFiles(below: "Sources")
        #expect(files.flatMap(\.functions).count > 300, "the functions were not found")
        for file in files {
            for function in file.functions where function.lineCount > Self.functionLinesMax {
                Issue.record("\(file.path):\(function.line) \(function.name) has \(function.lineCount) lines")
            }
        }
    }

    @Test func linesAreShort() throws {
        for file in try SourceTree.swiftFiles(below: "Sources", "Tests") {
            for (index, line) in file.lines.enumerated() where line.count > Self.lineCharactersMax {
                Issue.record("\(file.path):\(index + 1) has \(line.count) characters")
            }
        }
    }
}
