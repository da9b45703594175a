import Testing

/// Words that do not belong into this code.
@Suite struct BannedWordsTests {
    // Put together here, so that this file does not find itself.
    private static let banned = ["try" + "!", "as" + "!", "fatal" + "Error(", "TO" + "DO", "FIX" + "ME", "XX" + "X", "Thread" + ".sleep"]

    @Test func sourceHoldsNone() throws {
        for file in try SourceTree.swiftFiles(below: "Sources") {
            for (index, line) in file.lines.enumerated() {
                for word in Self.banned where line.contains(word) {
                    Issue.record("\(file.path):\(index + 1) holds \(word)")
                }
            }
        }
    }

    @Test func uncheckedSendableIsExplained() throws {
        for file in try SourceTree.swiftFiles(below: "Sources") {
            for (index, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") {
                let before = file.lines[max(0, index - 3)..<index]
                #expect(before.contains { $0.contains("Sendable:") }, "\(file.path):\(index + 1) does not say why it is Sendable")
            }
        }
    }
}
