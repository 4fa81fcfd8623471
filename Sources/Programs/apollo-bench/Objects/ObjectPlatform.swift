import Benchmarks
import Core
import HTTPClients
import HTTPModel

/// A platform with a bucket. Requests show a token of the platform, which costs less than a signature and proves the same.
struct ObjectPlatform: Sendable {
    /// `http://127.0.0.1:PORT`.
    let store: String
    let token: String
    /// The platform's process.
    let pid: Int32
    var field: String { "Bearer \(token)" }
    private let http = HTTPClient(HTTPClientConfiguration(maximumIdleConnections: 4))

    static let bucket = "bench"

    static func start(in workshop: Workshop) async throws -> ObjectPlatform {
        let platform = try await Platform.start(in: workshop)
        let store = try await workshop.waiting(for: "the start of the object store") {
            let text = try TextFile.read(platform.data + "/objects.address") ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
        let objects = ObjectPlatform(store: store, token: platform.token, pid: platform.pid)
        _ = try await objects.send(.put, "/\(bucket)")
        return objects
    }

    /// Of objects: the fields that `wrk` sends.
    var fields: [String] { ["Authorization: \(field)"] }

    /// One request; its answer has to be a success.
    func send(_ method: HTTPMethod, _ path: String, _ body: [UInt8] = []) async throws -> [UInt8] {
        let request = HTTPClientRequest(
            method, "\(store)\(path)", fields: HTTPFields(["Authorization": field]), body: .bytes(body))
        let response = try await http.send(request)
        var bytes: [UInt8] = []
        while let piece = try await response.body.next() { bytes += piece }
        guard (200..<300).contains(response.status.rawValue) else {
            throw ApolloError(
                .unavailable,
                "\(method) \(path): \(response.status.rawValue) \(String(decoding: bytes, as: UTF8.self))")
        }
        return bytes
    }
}
