import Engine

/// A name and its value in one call: how most answers are written.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        value(text)
    }

    mutating func member(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        value(number)
    }

    mutating func member(_ name: StaticString, _ number: Double) {
        key(name)
        value(number)
    }

    mutating func member(_ name: StaticString, _ flag: Bool) {
        key(name)
        value(flag)
    }

    mutating func member(_ name: StaticString, _ moment: Timestamp?) {
        key(name)
        if let moment { plainValue(moment.rfc3339) } else { null() }
    }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        key(name)
        array(of: texts) { $0.value($1) }
    }

    mutating func member<Values: RandomAccessCollection>(
        _ name: StaticString, of values: Values, _ write: (inout JSONWriter, Values.Element) -> Void
    ) {
        key(name)
        array(of: values, write)
    }
}
