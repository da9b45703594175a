import FoundationEssentials
import Glibc

/// Imports a person from a user export in JSON.
package struct ImportUser: EngineOperation {
    package static let name = "user.import"
    /// How long a text may be that comes with the call and not as a file.
    package static let textBytesMax = 7 << 20
    private let tenant: String
    private let document: Document

    package typealias Answer = UserImport.Answer

    /// Where the export is.
    package enum Document: Codable, Sendable {
        /// An absolute path, since the server's working folder is another. In UTF-8, with or without a byte order mark.
        case file(path: String)
        /// What a pipe brought, or a file in another encoding.
        case text(String)
    }

    package init(tenant: String, _ document: Document) {
        (self.tenant, self.document) = (tenant, document)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        var bytes =
            switch document {
            case .file(let path): try Self.contents(ofFile: path)
            case .text(let text): Array(text.utf8)
            }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        // Small numbers would take 16 bytes for each 2 of the file.
        guard let tape = JSONTape(bytes, valuesMax: Limits.userImportValuesMax) else {
            throw EngineError(
                .conflict, "The file is not valid JSON in UTF-8, or has more than \(Limits.userImportValuesMax) values.")
        }
        return try await UserImport(scope, tape.root).run(undoingBy: engine.erasures)
    }

    /// Read once into an array of its size.
    private static func contents(ofFile path: String) throws(EngineError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw EngineError(.notFound, "The file cannot be read by the user that serves the data folder.") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw EngineError(.conflict, "This is not a regular file.")
        }
        guard status.st_size <= Limits.userImportBytesMax else {
            throw EngineError(.conflict, "The file is larger than \(Limits.userImportBytesMax) bytes.")
        }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(file, buffer.baseAddress?.advanced(by: count), size - count)
                guard got > 0 else { return }
                count += got
            }
        }
    }
}
