/// Why a file cannot be read on: for people, without the file's name.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
