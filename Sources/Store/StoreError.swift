/// What a call into the store can end in besides its answer; says what the caller can do about it.
package struct StoreError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// The writer's queue is full, or the store is closing. Try again later.
        case busy
        /// The disk, the map or the operator's bound is full, or the disk failed: nothing was committed. Try again later.
        case cannotCommit
        /// A record fails its integrity check, or one that must be there is missing. Trying again does not help.
        case damaged
        /// A key is longer than `StoreLimits.keyBytesMax`, or a transaction names too much. A mistake of the caller.
        case tooLarge
        /// The folder is in use, is of another format, or cannot be opened.
        case cannotOpen
        /// The engine said something that is none of the above.
        case engine
    }

    package let code: Code
    /// What was being done; static, so that errors can be counted.
    package let operation: String
    /// The engine's or the system's error number; 0 where there is none.
    package let number: Int32

    package init(_ code: Code, _ operation: StaticString, number: Int32 = 0) {
        self.code = code
        self.operation = "\(operation)"
        self.number = number
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String { "\(code) while \(operation)" + (number == 0 ? "" : " (error \(number))") }
}
