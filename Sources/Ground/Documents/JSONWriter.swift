/// Writes JSON text straight into bytes, for the paths where an encoder would cost too much. It places the commas;
/// the caller keeps begins and ends in balance.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8]
    private var needsComma = false

    public init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The text of `value`.
    public static func bytes(of value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The key of the member whose value is written next.
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same for a name that needs no escapes, on hot paths.
    public mutating func member(_ name: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    public mutating func integer(_ value: Int64) {
        separate()
        digits(value)
    }

    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        if let small = Int64(exactly: value) { digits(small) } else { bytes += Array(value.description.utf8) }
    }

    /// A number without a fraction is written as people do: 10, not 10.0; integers up to 2^53 are exact in a double.
    public mutating func shortest(_ value: Double) {
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            integer(whole)
        } else {
            number(value)
        }
    }

    /// Infinities and NaN, which JSON has not, become null.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes += Array(value.description.utf8)
    }

    public mutating func bool(_ value: Bool) { word(value ? "true" : "false") }
    public mutating func null() { word("null") }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let text): string(text)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members { field(member.key, member.value) }
            endObject()
        }
    }

    /// Bytes that are one JSON value already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes += json
    }

    // MARK: Members

    public mutating func field(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    public mutating func field(_ name: String, _ number: some BinaryInteger) {
        key(name)
        integer(number)
    }

    public mutating func field(_ name: String, _ number: Double) {
        key(name)
        self.number(number)
    }

    public mutating func field(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    public mutating func field(_ name: String, _ json: JSONValue) {
        key(name)
        value(json)
    }

    public mutating func member(_ name: StaticString, _ text: String) {
        member(name)
        string(text)
    }

    public mutating func member(_ name: StaticString, _ number: Int64) {
        member(name)
        integer(number)
    }

    // MARK: Members that are put in order

    /// Where the next member's key would begin.
    var nextPosition: Int { bytes.count + (needsComma ? 1 : 0) }

    /// Gives a key that has no value yet null.
    mutating func completeMember() {
        if !needsComma, bytes.last == UInt8(ascii: ":") { null() }
    }

    /// Puts the members that were written last, up to the end of the text, in the order of their keys.
    mutating func sort(_ members: [(key: String, start: Int)]) {
        guard let first = members.first?.start else { return }
        let ends = members.dropFirst().map { $0.start - 1 } + [bytes.count]
        let parts = zip(members, ends).map { (key: $0.key, text: Array(bytes[$0.start..<$1])) }
        bytes.removeSubrange(first...)
        for (index, part) in parts.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += part.text
        }
    }

    // MARK: Bytes

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func word(_ text: StaticString) {
        separate()
        text.withUTF8Buffer { bytes += $0 }
    }

    private mutating func digits(_ value: Int64) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Only what RFC 8259, section 7 requires is escaped: quotes, backslashes and control characters.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var clean = 0
            for (index, byte) in utf8.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes += utf8[clean..<index]
                escape(byte)
                clean = index + 1
            }
            bytes += utf8[clean...]
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x00..<0x20:
            let hex = Array("0123456789abcdef".utf8)
            bytes += Array("u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}
