import TaskRuntimes

/// Cuts the stream of a program without a terminal into its two outputs: frames of an 8-byte header and a payload, as
/// ``LogFrameDecoder`` has them, but handed on as they come, and without times.
struct ExecFrameDecoder {
    enum Failure: Error, Hashable { case malformed(String) }

    private var header: [UInt8] = []
    private var stream = LogRecord.Stream.stdout
    private var left = 0

    /// What `bytes` adds to the outputs, in order.
    mutating func decode(_ bytes: [UInt8]) throws(Failure) -> [ExecEvent] {
        var events: [ExecEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let piece = rest.prefix(left)
                left -= piece.count
                rest = rest.dropFirst(piece.count)
                events.append(.output(stream, Array(piece)))
                continue
            }
            let missing = 8 - header.count
            header += rest.prefix(missing)
            rest = rest.dropFirst(missing)
            guard header.count == 8 else { break }
            guard header[0] <= 2, header[1...3].allSatisfy({ $0 == 0 }) else {
                throw .malformed("a frame begins with \(header)")
            }
            stream = header[0] == 2 ? .stderr : .stdout
            left = header[4...].reduce(0) { $0 << 8 | Int($1) }
            header = []
        }
        return events
    }
}
