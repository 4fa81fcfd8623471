import Core
import NodePolls
import Workers

/// Feeds bytes to the reader of what machines answer on a bus, and to that of /proc. Whatever they are, they are understood or
/// refused with words, and an answer that is understood means the same when it is sent again.
///
/// The first byte chooses which of them reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNodeAnswers(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    if choice.isMultiple(of: 2) { answer(bytes) } else { machine(String(decoding: bytes, as: UTF8.self)) }
    return 0
}

private func answer(_ bytes: [UInt8]) {
    do throws(ApolloError) {
        let read = try MetricsAnswer(parsing: bytes)
        let again = try MetricsAnswer(parsing: read.bytes)
        precondition(read == again, "\(read) became \(again)")
    } catch {
        precondition(error.kind == .corrupt && !error.message.isEmpty)
    }
}

private func machine(_ text: String) {
    guard let read = MachineReading(stat: text, loadavg: text, meminfo: text) else { return }
    precondition(read.processors > 0 && read.memoryAvailable <= read.memoryTotal && read.memoryAvailable >= 0)
}
