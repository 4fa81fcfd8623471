/// One message on the launcher's socket: `length` of what follows (UInt32), `kind` (UInt8), `request` (UInt32), body.
struct Frame: Equatable {
    /// Which message it is; see ``LauncherRequest`` and ``LauncherReply``.
    var kind: UInt8
    /// The request's number, chosen by the client; an answer repeats it.
    var request: UInt32
    var body: [UInt8]

    /// The longest frame: arguments and environment of a process are at most 6 MiB (execve(2)).
    static let longest = 8 << 20
    static let headerSize = 5

    /// The frame's bytes, with a body written by `write`.
    static func bytes(kind: UInt8, request: UInt32, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(UInt32(0))
        writer.integer(kind)
        writer.integer(request)
        write(&writer)
        writer.patch(UInt32(writer.bytes.count - 4), at: 0)
        return writer.bytes
    }
}

/// Cuts a stream of bytes into frames.
struct FrameBuffer {
    private var bytes: [UInt8] = []
    private var start = 0

    mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    /// The next whole frame, or nil until more bytes come.
    mutating func next() throws(WireError) -> Frame? {
        var reader = ByteReader(bytes[start...])
        guard reader.remaining >= 4 else { return compact() }
        let length = Int(try reader.integer(UInt32.self))
        guard length >= Frame.headerSize, length <= Frame.longest else {
            throw .invalid("a frame of \(length) bytes")
        }
        guard reader.remaining >= length else { return compact() }
        let kind = try reader.integer(UInt8.self)
        let request = try reader.integer(UInt32.self)
        let body = Array(bytes[start + 4 + Frame.headerSize..<start + 4 + length])
        start += 4 + length
        return Frame(kind: kind, request: request, body: body)
    }

    private mutating func compact() -> Frame? {
        bytes.removeFirst(start)
        start = 0
        return nil
    }
}

/// The first bytes on a connection, from each side: a mark and the version it speaks. Their shape never changes, so that
/// any two versions can tell each other apart.
struct Greeting: Equatable {
    static let size = 8
    static let current = Greeting(version: 1)
    private static let mark = Array("APLN".utf8)

    var version: UInt32

    var bytes: [UInt8] {
        var writer = ByteWriter()
        for byte in Self.mark { writer.integer(byte) }
        writer.integer(version)
        return writer.bytes
    }

    init(version: UInt32) { self.version = version }

    init(parsing bytes: [UInt8]) throws(WireError) {
        guard bytes.count == Self.size else { throw .truncated }
        guard Array(bytes.prefix(4)) == Self.mark else { throw .invalid("a greeting of something else") }
        var reader = ByteReader(bytes[4...])
        version = try reader.integer()
    }
}
