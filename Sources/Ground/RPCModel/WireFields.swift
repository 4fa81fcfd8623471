/// The fields of a message of protocol buffers that have a length: strings, bytes, messages. All else is passed over.
struct WireFields {
    private(set) var fields: [(number: Int, value: ArraySlice<UInt8>)] = []

    /// Nil for bytes that are no message.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
            switch tag & 7 {
            case 0: guard Self.varint(&rest) != nil else { return nil }
            case 1: guard Self.take(8, &rest) != nil else { return nil }
            case 2:
                guard let count = Self.varint(&rest), let value = Self.take(count, &rest) else { return nil }
                fields.append((Int(tag >> 3), value))
            case 5: guard Self.take(4, &rest) != nil else { return nil }
            default: return nil
            }
        }
    }

    func first(_ number: Int) -> ArraySlice<UInt8>? { fields.first { $0.number == number }?.value }

    func text(_ number: Int) -> String? { first(number).map { String(decoding: $0, as: UTF8.self) } }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func take(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}

/// Writes such fields.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: UInt64, _ value: [UInt8]) {
        varint(number << 3 | 2)
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func add(_ number: UInt64, _ text: String) { add(number, Array(text.utf8)) }

    mutating func add(_ field: UInt64, number: UInt64) {
        varint(field << 3)
        varint(number)
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
