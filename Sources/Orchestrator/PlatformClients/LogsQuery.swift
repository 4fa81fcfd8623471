public import Core

/// Which of a task's output is wanted.
public struct LogsQuery: Hashable, Sendable {
    public var follow: Bool
    public var since: Timestamp?
    public var tail: Int?
    /// The number of one attempt; nil for the latest, and with `follow` for those after it too.
    public var attempt: Int?
    /// Every attempt that is kept, one after the other; with `attempt` that one and those after it.
    public var all: Bool
    /// Only what comes after this place of `attempt`.
    public var offset: Int64?

    public init(
        follow: Bool = false, since: Timestamp? = nil, tail: Int? = nil, attempt: Int? = nil,
        all: Bool = false, offset: Int64? = nil
    ) {
        self.follow = follow
        self.since = since
        self.tail = tail
        self.attempt = attempt
        self.all = all
        self.offset = offset
    }

    /// What is still wanted once the line was read that ends at `offset` of attempt `number`.
    public func after(_ offset: Int64, of number: Int) -> LogsQuery {
        var rest = self
        // Of the latest attempt those after it are wanted too, as long as they come.
        rest.all = all || (follow && attempt == nil)
        rest.attempt = number
        rest.offset = offset
        rest.tail = nil
        return rest
    }

    /// The query of the URL, with its mark.
    var text: String {
        var parts = ["follow=\(follow)"]
        if let since { parts.append("since=\(since)") }
        if let tail { parts.append("tail=\(tail)") }
        if all { parts.append("all=true") }
        if let attempt { parts.append("attempt=\(attempt)") }
        if let offset { parts.append("offset=\(offset)") }
        return "?" + parts.joined(separator: "&")
    }
}
