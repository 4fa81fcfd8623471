import HTTPModel

/// Feeds bytes to the reader of forms, the login's (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). Whatever they
/// are, nothing is invented; and what is read is read again when it is written as browsers do.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzForms(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let form = FormFields(bytes)
    let pairs = bytes.split(separator: UInt8(ascii: "&"))
    precondition(form.values.count <= pairs.count, "more fields than pairs")
    // Escapes only make texts shorter.
    let size = form.values.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 1 }
    precondition(size <= bytes.count, "more text than bytes")
    let written = form.values.map { escape($0.key) + [UInt8(ascii: "=")] + escape($0.value) }
    let again = FormFields(Array(written.joined(separator: [UInt8(ascii: "&")])))
    precondition(again == form, "read again as something else: \(form.values) and \(again.values)")
    // Of a field that stands twice the first counts.
    precondition(FormFields(bytes + [UInt8(ascii: "&")] + bytes) == form)
    return 0
}

private func escape(_ text: String) -> [UInt8] {
    text.utf8.flatMap { byte -> [UInt8] in
        switch byte {
        case 0x20: return [UInt8(ascii: "+")]
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): return [byte]
        default:
            let digits = Array((byte % 2 == 0 ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
            return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
