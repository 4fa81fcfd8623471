import Core

/// What a status has no room for: the exact kind, the hint and the fields at fault, as the bytes of `grpc-status-details-bin`.
///
/// They are a `google.rpc.Status` with `google.rpc.ErrorInfo` and `google.rpc.BadRequest` in it
/// (https://google.aip.dev/193), which gRPC's libraries for other languages read. Three messages of strings need no generator.
struct RPCErrorDetails: Equatable {
    var kind: ErrorKind?
    var hint: String?
    var fields: [FieldError] = []

    /// The most bytes that details may have: with base 64 around them, and a message beside them, they stay within the 8 KiB of
    /// metadata that every gRPC library accepts.
    static let maximumSize = 3 * 1024
    private static let domain = "apollo"
    private static let types = "type.googleapis.com/google.rpc."

    init(_ error: RPCError) {
        kind = error.kind
        hint = error.hint
        fields = error.fields
    }

    /// Reads what a peer sent; nil for what is no `google.rpc.Status`. Details of other kinds are passed over.
    init?(reading bytes: [UInt8]) {
        guard !bytes.isEmpty, let status = WireFields(bytes[...]) else { return nil }
        for case (3, let any) in status.fields {
            guard let any = WireFields(any), let type = any.text(1),
                let value = any.first(2).flatMap({ WireFields($0) })
            else { return nil }
            switch type {
            case Self.types + "ErrorInfo": readInfo(value)
            case Self.types + "BadRequest": readFields(value)
            default: break
            }
        }
    }

    private mutating func readInfo(_ info: WireFields) {
        guard info.text(2) == Self.domain else { return }
        kind = info.text(1).flatMap { ErrorKind(rawValue: $0.lowercased()) }
        for case (3, let pair) in info.fields {
            guard let pair = WireFields(pair), pair.text(1) == "hint" else { continue }
            hint = pair.text(2)
        }
    }

    private mutating func readFields(_ request: WireFields) {
        for case (1, let violation) in request.fields {
            guard let violation = WireFields(violation) else { continue }
            fields.append(FieldError(path: violation.text(1) ?? "", message: violation.text(2) ?? ""))
        }
    }

    /// The bytes, with as many of the fields as there is room for.
    func encoded(code: RPCCode, message: String) -> [UInt8] {
        var info = WireWriter()
        info.add(1, (kind?.rawValue ?? code.name).uppercased())
        info.add(2, Self.domain)
        if let hint {
            var pair = WireWriter()
            pair.add(1, "hint")
            pair.add(2, String(decoding: hint.utf8.prefix(512), as: UTF8.self))
            info.add(3, pair.bytes)
        }
        var status = WireWriter()
        status.add(1, number: UInt64(code.rawValue))
        status.add(2, String(decoding: message.utf8.prefix(RPCStatus.maximumMessage), as: UTF8.self))
        status.add(3, Self.any("ErrorInfo", info.bytes))
        var request = WireWriter()
        for field in fields {
            var violation = WireWriter()
            violation.add(1, field.path)
            violation.add(2, field.message)
            guard status.bytes.count + request.bytes.count + violation.bytes.count + 80 <= Self.maximumSize
            else { break }
            request.add(1, violation.bytes)
        }
        if !request.bytes.isEmpty { status.add(3, Self.any("BadRequest", request.bytes)) }
        return status.bytes
    }

    private static func any(_ type: String, _ value: [UInt8]) -> [UInt8] {
        var any = WireWriter()
        any.add(1, types + type)
        any.add(2, value)
        return any.bytes
    }
}
