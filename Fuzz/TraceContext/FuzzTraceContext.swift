import Tracing

/// Feeds `traceparent` and, after a line feed, `tracestate` to the reader of both (https://www.w3.org/TR/trace-context-1/). What the
/// recommendation allows is read, all else is no context; and what goes on to the next peer means the same to it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTraceContext(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let lines = UnsafeBufferPointer(start: start, count: count).split(
        separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let parent = lines.first.map { Array($0) } ?? []
    let state = lines.count > 1 ? String(decoding: lines[1], as: UTF8.self) : nil
    guard let text = String(validating: parent, as: UTF8.self) else { return 0 }
    guard let context = TraceContext(parsing: text, state: state) else {
        precondition(!isAllowed(parent), "refused: \(text)")
        return 0
    }
    precondition(isAllowed(parent), "taken: \(text)")
    precondition(text.utf8.dropFirst(3).starts(with: "\(context.traceID)-\(context.spanID)-".utf8))
    if let kept = context.state {
        precondition(
            kept == state && kept.utf8.count <= 512 && kept.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    } else if let state {
        precondition(
            state.isEmpty || state.utf8.count > 512 || !state.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
    precondition(
        TraceContext(parsing: context.text, state: context.state) == context,
        "not what it was: \(context.text)")
    return 0
}

/// Section 3.2 once more, in other words.
private func isAllowed(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(separator: 0x2D, maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count >= 4, parts.prefix(4).map(\.count) == [2, 32, 16, 2] else { return false }
    let isHexadecimal = parts.prefix(4).joined().allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
    }
    let hasIDs = parts[1].contains { $0 != 0x30 } && parts[2].contains { $0 != 0x30 }
    let isFirstVersion = parts[0].elementsEqual("00".utf8)
    return isHexadecimal && hasIDs && !parts[0].elementsEqual("ff".utf8)
        && (parts.count == 4 || !isFirstVersion)
}
