import Engine
import Files
import Foundation

/// A small file that a command takes as a whole, as people have it: a file or a pipe, compressed or not, in UTF-8 or UTF-16.
struct TextInput {
    private static let bytesMax = 4 << 20
    private let name: String

    /// - Parameter name: the path as it was given; `-` is standard input.
    init(_ name: String) {
        self.name = name
    }

    private var path: String { name == "-" ? name : Settings.absolute(name) }

    /// - Throws: `CommandFailure` for what cannot be read, is larger than `bytesMax`, or is no text.
    func text(bytesMax: Int = TextInput.bytesMax) throws -> String {
        do throws(FileError) {
            return try WholeText.read(try ByteSource(path: path), bytesMax: bytesMax)
        } catch {
            throw CommandFailure("cannot read \(name): \(error)")
        }
    }

    /// A user's export: the path of a plain file, which may be large, or the text of anything else.
    func document() throws -> ImportUser.Document {
        do throws(FileError) {
            let source = try ByteSource(path: path)
            if source.bytesTotal != nil, !source.isCompressed {
                let text = TextSource(source)
                _ = try text.firstByte()
                if text.encoding == .utf8 { return .file(path: path) }
            }
            if source.bytesTotal == nil { return .text(try WholeText.read(source, bytesMax: ImportUser.textBytesMax)) }
            return .text(try WholeText.read(try ByteSource(path: path), bytesMax: ImportUser.textBytesMax))
        } catch {
            throw CommandFailure("cannot read \(name): \(error)")
        }
    }
}
