public import Core
import Synchronization

/// Server-sent events (WHATWG HTML, section 9.2): a response that goes on as long as there is something to tell.
///
/// Return ``response(heartbeat:clock:_:)`` from a handler.
public struct EventStream: Sendable {
    private let writer: any HTTPBodyWriter
    private let activity: Activity

    /// A response whose body is what `events` sends. While nothing is sent for `heartbeat` a comment goes out, so that proxies
    /// keep the connection and a client that is gone is noticed. `events` is cancelled when the client is gone.
    public static func response(
        heartbeat: Duration = .seconds(15), clock: any MonotonicClock,
        _ events: @escaping @Sendable (EventStream) async throws -> Void
    ) -> HTTPResponse {
        let fields: HTTPFields = HTTPFields([
            "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store",
            // For nginx, which holds back what it proxies.
            "X-Accel-Buffering": "no",
        ])
        let body = HTTPResponseBody.stream(length: nil) { writer in
            let stream = EventStream(writer: writer, activity: Activity())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await stream.beat(heartbeat, clock) }
                group.addTask { try await events(stream) }
                // The heart beats until it is cancelled: whoever ends first ends the stream.
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        return HTTPResponse(.ok, fields: fields, body: body)
    }

    /// Sends one event. `data` may have several lines; `name` and `id` must have one. Returns once the bytes are handed
    /// to the network.
    public func send(_ data: String, name: String? = nil, id: String? = nil) async throws {
        var text = ""
        if let name { text += "event: \(Self.oneLine(name))\n" }
        if let id { text += "id: \(Self.oneLine(id))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: Self.endsLine) {
            text += "data: \(line)\n"
        }
        try await write(text + "\n")
    }

    /// Tells the client how long to wait before it connects again.
    public func sendRetry(after delay: Duration) async throws {
        try await write("retry: \(delay.inMicroseconds / 1000)\n\n")
    }

    private func write(_ text: String) async throws {
        activity.count.add(1, ordering: .relaxed)
        try await writer.write(Array(text.utf8))
    }

    private func beat(_ interval: Duration, _ clock: any MonotonicClock) async throws {
        while true {
            let before = activity.count.load(ordering: .relaxed)
            try await clock.sleep(for: interval)
            if activity.count.load(ordering: .relaxed) == before {
                try await writer.write(Array(":\n\n".utf8))
            }
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: endsLine) ? String(text.map { endsLine($0) ? " " : $0 }) : text
    }

    /// The three ends of a line that the format knows.
    private static func endsLine(_ character: Character) -> Bool {
        character == "\n" || character == "\r" || character == "\r\n"
    }

    private final class Activity: Sendable {
        let count = Atomic<Int>(0)
    }
}
