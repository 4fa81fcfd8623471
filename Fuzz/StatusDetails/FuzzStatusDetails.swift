import RPCModel

/// Reads what a peer says of a failed call, and sends it on: what the next one reads is the same, as far as there was room.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStatusDetails(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let read = RPCError(code: .aborted, message: "not now", details: bytes)
    let sent = RPCStatus(read)
    precondition(sent.code == .aborted && sent.message == "not now")
    precondition(sent.details.count <= 3 * 1024, "\(sent.details.count) bytes of details")
    let again = RPCError(code: sent.code, message: sent.message, details: sent.details)
    precondition(again.kind == read.kind, "\(read.kind) became \(again.kind)")
    precondition(again.hint == read.hint.map { String(decoding: $0.utf8.prefix(512), as: UTF8.self) })
    precondition(again.fields[...] == read.fields.prefix(again.fields.count))
    return 0
}
