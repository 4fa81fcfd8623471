import Synchronization

/// A body that is in memory already.
public final class BufferedBody: HTTPBodyReader {
    private let bytes: Mutex<[UInt8]>

    public init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    public convenience init(_ text: String) { self.init(Array(text.utf8)) }

    public func next() async throws -> [UInt8]? {
        bytes.withLock { bytes in
            guard !bytes.isEmpty else { return nil }
            defer { bytes = [] }
            return bytes
        }
    }
}
