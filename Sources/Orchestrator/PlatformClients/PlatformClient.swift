public import APIMessages
public import ClusterModel
import Core
import Documents
public import HTTPClients
import HTTPModel

import struct HTTPRouting.ProblemDetails

/// Speaks to a platform's API: one method a call, errors as the platform tells them.
public struct PlatformClient: Sendable {
    /// Where the platform answers, without a slash at the end: `http://127.0.0.1:7070`.
    public let address: String
    public let project: String
    private let token: String
    private let http: HTTPClient

    public init(address: String, project: String, token: String, http: HTTPClient) {
        self.address = address
        self.project = project
        self.token = token
        self.http = http
    }

    // MARK: Tasks

    /// Submits a task; `key` makes it safe to send again.
    public func submit(_ request: TaskRequest, key: String) async throws -> TaskRecord {
        try await decode(call(.post, "/tasks", body: JSONWriter.bytes(encoding: request), key: key))
    }

    public func task(_ handle: String) async throws -> TaskRecord {
        try await decode(call(.get, path(handle)))
    }

    /// One page of tasks, oldest first.
    public func tasks(unfinishedOnly: Bool, cursor: String?, limit: Int = 500) async throws -> TaskPage {
        var query = "?limit=\(limit)"
        if unfinishedOnly { query += "&finished=false" }
        if let cursor { query += "&cursor=\(Self.escape(cursor))" }
        return try await decode(call(.get, "/tasks" + query))
    }

    /// Every task, page by page.
    public func allTasks(unfinishedOnly: Bool) async throws -> [TaskRecord] {
        var all: [TaskRecord] = []
        var cursor: String?
        repeat {
            let page = try await tasks(unfinishedOnly: unfinishedOnly, cursor: cursor)
            all += page.items
            cursor = page.next
        } while cursor != nil
        return all
    }

    public func stop(_ handle: String, grace: Seconds?) async throws -> TaskRecord {
        let body = try JSONWriter.bytes(encoding: StopRequest(grace: grace))
        return try await decode(call(.post, path(handle) + "/stop", body: body, isIdempotent: true))
    }

    public func remove(_ handle: String) async throws { _ = try await call(.delete, path(handle)) }

    /// The task's states from now on, until it is finished or removed.
    public func watch(_ handle: String) async throws -> TaskEvents {
        let response = try await open(path(handle) + "/watch", accept: "text/event-stream")
        return TaskEvents(body: answer(response))
    }

    /// What the task wrote.
    public func logs(_ handle: String, _ query: LogsQuery) async throws -> LogLines {
        let response = try await open(path(handle) + "/logs" + query.text, accept: "application/x-ndjson")
        return LogLines(body: answer(response))
    }

    // MARK: Nodes

    public func nodes() async throws -> [Node] {
        let page: NodePage = try await decode(call(.get, "/nodes"))
        return page.items
    }

    public func version() async throws -> PlatformVersion { try await decode(call(.get, "/version")) }

    // MARK: Calls

    private func path(_ handle: String) -> String { "/tasks/\(Self.escape(handle))" }

    private func request(_ method: HTTPMethod, _ path: String, accept: String = "application/json")
        -> HTTPClientRequest
    {
        let separator = path.contains("?") ? "&" : "?"
        let scope = project == "default" ? "" : "\(separator)project=\(Self.escape(project))"
        return HTTPClientRequest(
            method, address + "/api/v1" + path + scope,
            fields: HTTPFields(["Authorization": "Bearer \(token)", "Accept": accept]))
    }

    private func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, key: String? = nil,
        isIdempotent: Bool? = nil
    ) async throws -> [UInt8] {
        var request = request(method, path)
        if let body {
            request.body = .bytes(body)
            request.fields["Content-Type"] = "application/json"
        }
        if let key {
            request.fields["Idempotency-Key"] = key
            request.isIdempotent = true
        }
        if let isIdempotent { request.isIdempotent = isIdempotent }
        request.timeouts = HTTPTimeouts(connect: .seconds(5), idle: .seconds(30), total: .seconds(60))
        let response = try await send(request)
        return try await answer(response).collect(upTo: 64 << 20)
    }

    private func open(_ path: String, accept: String) async throws -> HTTPClientResponse {
        var request = request(.get, path, accept: accept)
        // A stream may be silent for as long as its task is; the platform sends a sign of life every 15 s.
        request.timeouts = HTTPTimeouts(connect: .seconds(5), idle: .seconds(60))
        return try await send(request)
    }

    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await http.send(request)
        } catch {
            throw unreachable(error)
        }
        guard response.status.rawValue >= 400 else { return response }
        throw Self.problem(response.status, try await answer(response).collect(upTo: 1 << 20))
    }

    private func answer(_ response: HTTPClientResponse) -> AnswerBody {
        AnswerBody(reader: response.body, address: address)
    }

    private static func problem(_ status: HTTPStatus, _ body: [UInt8]) -> ApolloError {
        do {
            return try JSONReader.decode(ProblemDetails.self, from: body).error
        } catch {
            // Not ours: a proxy, or another server on this port. The status is all there is.
            let kind: ErrorKind = status.rawValue < 500 ? .invalid : .unavailable
            return ApolloError(
                ErrorKind.allCases.first { $0.httpStatus == status.rawValue } ?? kind,
                "the server answered \(status)",
                hint: "is it an Apollo platform?")
        }
    }

    private func unreachable(_ error: HTTPClientError) -> ApolloError {
        var failure = error.asApolloError
        if case .tls = error {
            failure.hint =
                "name a file with the authority of its certificate with --ca-file or APOLLO_CA_FILE"
        } else if failure.kind == .unavailable {
            failure.message = "no platform answers at \(address): \(failure.message)"
            failure.hint = "start one with 'apollo up', or name another with --address"
        }
        return failure
    }

    private func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
        do {
            return try JSONReader.decode(from: bytes)
        } catch {
            throw ApolloError(
                .corrupt, "the answer of \(address) cannot be understood: \(error)",
                hint: "is it an Apollo platform of this version?")
        }
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let isPlain =
                byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
                || "-._~".utf8.contains(byte)
            if isPlain {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
