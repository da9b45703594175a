import Foundation

/// Project Wycheproof's test vectors, where they are present: beside the repository, or where `ATTUNE_TEST_VECTORS` says.
enum Vectors {
    struct File<Group: Decodable>: Decodable {
        let testGroups: [Group]
    }

    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["ATTUNE_TEST_VECTORS"] { return URL(filePath: path) }
        return URL(filePath: #filePath).appending(path: "../../../../shared/vectors").standardized
    }()

    static let arePresent = FileManager.default.fileExists(atPath: folder.path())

    static func groups<Group: Decodable>(_ type: Group.Type, in name: String) throws -> [Group] {
        try JSONDecoder().decode(File<Group>.self, from: Data(contentsOf: folder.appending(path: name))).testGroups
    }
}

extension [UInt8] {
    /// Bytes from hexadecimal digits; white space between them is skipped.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        precondition(digits.count.isMultiple(of: 2), "an odd number of digits")
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
