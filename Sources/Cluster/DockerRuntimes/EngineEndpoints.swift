import Core
import Cryptography
import Documents
import HTTPClients
import HTTPModel
import TaskRuntimes

/// Images.
extension Engine {
    func inspectImage(_ image: ImageReference) async throws(EngineFailure) -> ImageInspection {
        try await fetch(ImageInspection.self, Call(method: .get, path: "/images/\(image)/json"))
    }

    /// A stream of JSON lines: ``PullMessage``.
    func pull(_ image: ImageReference, within time: Duration) async throws(EngineFailure)
        -> HTTPClientResponse
    {
        // Silent while a large layer is unpacked.
        let timeouts = HTTPTimeouts(connect: .seconds(5), idle: .seconds(600), total: time)
        return try await open(
            Call(
                method: .post, path: "/images/create",
                query: [("fromImage", image.repository), ("tag", image.version)], timeouts: timeouts))
    }
}

/// Containers, by id or name.
extension Engine {
    func create(_ container: ContainerSpecification, name: String) async throws(EngineFailure) -> String {
        struct Answer: Decodable {
            var id: String
            enum CodingKeys: String, CodingKey { case id = "Id" }
        }
        let call = Call(
            method: .post, path: "/containers/create", query: [("name", name)], body: Self.json(container))
        return try await fetch(Answer.self, call).id
    }

    func start(_ id: String) async throws(EngineFailure) {
        try await send(Call(method: .post, path: "/containers/\(id)/start"))
    }

    func inspect(_ id: String, ignoresCancellation: Bool = false) async throws(EngineFailure)
        -> ContainerInspection
    {
        let call = Call(
            method: .get, path: "/containers/\(id)/json", ignoresCancellation: ignoresCancellation)
        return try await fetch(ContainerInspection.self, call)
    }

    /// The same with ``ContainerInspection/writtenSize``, for which the engine looks at all files of the layer.
    func measure(_ id: String) async throws(EngineFailure) -> ContainerInspection {
        try await fetch(
            ContainerInspection.self,
            Call(
                method: .get, path: "/containers/\(id)/json", query: [("size", "true")],
                timeouts: HTTPTimeouts(connect: .seconds(5), idle: .seconds(120), total: .seconds(120))))
    }

    /// Returns once the container does not run, or throws when `time` has passed before.
    func wait(_ id: String, within time: Duration?) async throws(EngineFailure) {
        let timeouts = HTTPTimeouts(connect: .seconds(5), idle: nil, total: time)
        try await send(Call(method: .post, path: "/containers/\(id)/wait", timeouts: timeouts))
    }

    func kill(_ id: String, signal: String) async throws(EngineFailure) {
        try await send(Call(method: .post, path: "/containers/\(id)/kill", query: [("signal", signal)]))
    }

    func unpause(_ id: String) async throws(EngineFailure) {
        try await send(Call(method: .post, path: "/containers/\(id)/unpause"))
    }

    /// Removes it with its anonymous volumes; where it runs only by `force`.
    func remove(_ id: String, force: Bool = false, ignoresCancellation: Bool = false)
        async throws(EngineFailure)
    {
        try await send(
            Call(
                method: .delete, path: "/containers/\(id)",
                query: [("v", "1")] + (force ? [("force", "1")] : []),
                ignoresCancellation: ignoresCancellation))
    }

    /// Every container, running or not, that has all of `labels`.
    func list(labels: [String]) async throws(EngineFailure) -> [ContainerSummary] {
        let filters = String(decoding: Self.json(["label": labels]), as: UTF8.self)
        return try await fetch(
            [ContainerSummary].self,
            Call(method: .get, path: "/containers/json", query: [("all", "1"), ("filters", filters)]))
    }

    func logs(_ id: String, _ query: LogQuery) async throws(EngineFailure) -> any HTTPBodyReader {
        var items = [("stdout", "1"), ("stderr", "1"), ("timestamps", "1")]
        if query.follow { items.append(("follow", "1")) }
        if let since = query.since {
            let microseconds = max(0, since.microseconds)
            let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
            items.append(("since", "\(microseconds / 1_000_000).\(fraction)"))
        }
        if let tail = query.tail { items.append(("tail", "\(max(0, tail))")) }
        let timeouts = HTTPTimeouts(connect: .seconds(5), idle: query.follow ? nil : .seconds(60))
        let call = Call(method: .get, path: "/containers/\(id)/logs", query: items, timeouts: timeouts)
        return try await open(call).body
    }

    func statistics(_ id: String) async throws(EngineFailure) -> ContainerStatistics {
        try await fetch(
            ContainerStatistics.self,
            Call(method: .get, path: "/containers/\(id)/stats", query: [("stream", "0"), ("one-shot", "1")]))
    }

    /// What is at `path` in the container's file system; nil for nothing.
    func stat(_ path: String, in id: String) async throws(EngineFailure) -> FileStatus? {
        let response: HTTPClientResponse
        do throws(EngineFailure) {
            response = try await open(
                Call(method: .head, path: "/containers/\(id)/archive", query: [("path", path)]))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
        guard let header = response.fields["X-Docker-Container-Path-Stat"],
            let status = FileStatus(header: header)
        else { throw .malformed("it does not say what is at \(path)") }
        return status
    }
}

/// What a file of a container is, in the mode bits of Go's `io/fs`.
struct FileStatus: Hashable, Sendable, Decodable {
    var mode: UInt32

    /// Reads the header of the API: JSON in base 64.
    init?(header: String) {
        let text = String(header.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
        guard let json = Base64URL.decode(text) else { return nil }
        // What is wrong with it does not matter: it says nothing.
        guard let status = try? JSONReader.decode(FileStatus.self, from: json) else { return nil }
        self = status
    }

    var isDirectory: Bool { mode & 1 << 31 != 0 }
    var isSymbolicLink: Bool { mode & 1 << 27 != 0 }
    /// A link says nothing of where it leads.
    var isExecutable: Bool { isSymbolicLink || mode & 0o111 != 0 }
}
