import HTTPModel

/// The body of a request that is being handled, as its handler reads it.
final class RequestBody: HTTPBodyReader {
    private let connection: Connection
    private let request: Int

    init(_ connection: Connection, request: Int) {
        self.connection = connection
        self.request = request
    }

    func next() async throws -> [UInt8]? { try await connection.nextBodyPiece(of: request) }
}

/// A body without bytes.
struct EmptyBody: HTTPBodyReader {
    static let shared: any HTTPBodyReader = EmptyBody()

    func next() async throws -> [UInt8]? { nil }
}

/// The body of a response that is being streamed, as its handler writes it.
final class ResponseBodyWriter: HTTPBodyWriter {
    private let connection: Connection
    private let request: Int

    init(_ connection: Connection, request: Int) {
        self.connection = connection
        self.request = request
    }

    func write(_ bytes: [UInt8]) async throws { try await connection.writeBody(bytes, of: request) }

    func write(file descriptor: Int32, from offset: Int64, count: Int) async throws {
        if try await connection.writeBody(file: descriptor, from: offset, count: count, of: request) {
            return
        }
        try await read(file: descriptor, from: offset, count: count)
    }
}
