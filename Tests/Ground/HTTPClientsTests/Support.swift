import Concurrency
import Core
import Glibc
import HTTPModel
import Synchronization

@testable import HTTPClients

/// Runs `body` with a client, and closes it.
func withClient<Value>(
    _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    let client = HTTPClient(configuration)
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

/// The client's error that `body` throws, or nil.
func failure(_ body: () async throws -> Void) async -> HTTPClientError? {
    do {
        try await body()
        return nil
    } catch let error as HTTPClientError {
        return error
    } catch {
        return .failed("not the client's error: \(error)")
    }
}

extension HTTPClient {
    /// Sends a request and reads the whole response. (Errors are untyped since the compiler does not see typed ones
    /// within `#expect`.)
    func fetch(_ request: HTTPClientRequest) async throws -> (status: HTTPStatus, text: String) {
        let response = try await send(request)
        return (response.status, try await response.text())
    }
}

extension HTTPClientResponse {
    func text() async throws -> String {
        String(decoding: try await body.collect(upTo: 16 << 20), as: UTF8.self)
    }
}

/// What `value` is once it has not changed for a fifth of a second: a slow machine can only make it too small.
func settled(_ value: () -> Int) async throws -> Int {
    var last = value()
    var quiet = 0
    while quiet < 10 {
        // lint:allow sleeping nothing tells when a peer that waits has begun to wait
        try await LiveClock().sleep(for: .milliseconds(20))
        quiet = value() == last ? quiet + 1 : 0
        last = value()
    }
    return last
}

func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    var template = Array("/tmp/apollo-client-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ApolloError(.internal, "no temporary directory") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeTree(path) }
    return try await body(path)
}

/// Removes a flat directory and what is in it.
private func removeTree(_ path: String) {
    if let directory = opendir(path) {
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink(path + "/" + name) }
        }
        closedir(directory)
    }
    rmdir(path)
}

/// A body that gives `count` pieces of `size` bytes, and knows how many were asked for.
final class CountedBody: HTTPBodyReader {
    private let state = Mutex(0)
    private let count: Int
    private let size: Int

    init(pieces count: Int, of size: Int) {
        self.count = count
        self.size = size
    }

    var piecesGiven: Int { state.withLock { $0 } }

    func next() async throws -> [UInt8]? {
        let isOver = state.withLock { given in
            guard given < count else { return true }
            given += 1
            return false
        }
        return isOver ? nil : [UInt8](repeating: UInt8(ascii: "x"), count: size)
    }
}

/// A body that is over when its task is cancelled, and not before.
struct EndlessSilentBody: HTTPBodyReader {
    func next() async throws -> [UInt8]? {
        try await Latch<Void>().wait()
        return nil
    }
}
