import APIMessages
import Core

/// Feeds bytes to the readers of what travels over the WebSocket of a program beside a task. Whatever they are, they are understood
/// or refused with words, and what is understood means the same when it is sent again.
///
/// The first byte chooses which end reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExecMessages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    switch choice % 3 {
    case 0: control(String(decoding: bytes, as: UTF8.self))
    case 1: notice(String(decoding: bytes, as: UTF8.self))
    default: output(bytes)
    }
    return 0
}

private func control(_ text: String) {
    do throws(ApolloError) {
        let read = try ExecControl(parsing: text)
        let again = try ExecControl(parsing: read.text)
        precondition(read == again, "\(read) became \(again)")
    } catch {
        precondition(error.kind == .invalid && !error.message.isEmpty)
    }
}

private func notice(_ text: String) {
    do throws(ApolloError) {
        guard let read = try ExecNotice(parsing: text) else { return }
        guard let sent = read.message.text else { preconditionFailure("\(read) is no text any more") }
        let again = try ExecNotice(parsing: sent)
        precondition(read == again, "\(read) became \(String(describing: again))")
    } catch {
        precondition(error.kind == .corrupt && !error.message.isEmpty)
    }
}

private func output(_ bytes: [UInt8]) {
    guard let read = ExecNotice(parsing: bytes) else { return }
    precondition(read.message.text == nil && read.message.bytes == bytes, "\(bytes) became \(read.message)")
}
