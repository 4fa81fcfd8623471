public import Core

/// Which of a task's output is wanted.
public struct LogsQuery: Hashable, Sendable {
    public var follow: Bool
    public var since: Timestamp?
    public var tail: Int?
    /// The number of one attempt; nil for the latest, and with `follow` for those after it too.
    public var attempt: Int?
    /// Every attempt that is kept, one after the other.
    public var all: Bool

    public init(
        follow: Bool = false, since: Timestamp? = nil, tail: Int? = nil, attempt: Int? = nil,
        all: Bool = false
    ) {
        self.follow = follow
        self.since = since
        self.tail = tail
        self.attempt = attempt
        self.all = all
    }

    /// The query of the URL, with its mark.
    var text: String {
        var parts = ["follow=\(follow)"]
        if let since { parts.append("since=\(since)") }
        if let tail { parts.append("tail=\(tail)") }
        if all { parts.append("all=true") }
        if let attempt { parts.append("attempt=\(attempt)") }
        return "?" + parts.joined(separator: "&")
    }
}
