/// Writes values one after the other: integers little-endian, everything of variable size behind its length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func integer<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

    mutating func blob(_ value: [UInt8]) {
        integer(UInt32(value.count))
        bytes += value
    }

    mutating func text(_ value: String) {
        integer(UInt32(value.utf8.count))
        bytes += value.utf8
    }

    mutating func list<Element>(_ values: [Element], _ each: (inout ByteWriter, Element) -> Void) {
        integer(UInt32(values.count))
        for value in values { each(&self, value) }
    }

    mutating func optional<Wrapped>(_ value: Wrapped?, _ some: (inout ByteWriter, Wrapped) -> Void) {
        flag(value != nil)
        if let value { some(&self, value) }
    }

    mutating func value(_ value: some WireValue) { value.write(to: &self) }

    /// Overwrites four bytes written before, for a length known only later.
    mutating func patch(_ value: UInt32, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { source in
            for index in 0..<4 { bytes[offset + index] = source[index] }
        }
    }
}

/// What can be written and read back.
protocol WireValue {
    func write(to writer: inout ByteWriter)
    init(from reader: inout ByteReader) throws(WireError)
}

/// What is wrong with received or stored bytes.
enum WireError: Error, Hashable {
    /// They end before the value does.
    case truncated
    /// There is more than the value.
    case trailing
    /// A value that cannot be: which.
    case invalid(String)
}
