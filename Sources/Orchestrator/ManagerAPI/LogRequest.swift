import Core
import HTTPModel
import TaskRuntimes

/// Which output a request asks for, and in which form.
struct LogRequest {
    var query: LogQuery
    var attempts: LogAttempts
    let givesEvents: Bool

    /// - Parameter query: as the parameters have it; a `Last-Event-ID` goes before what they say of the place.
    init(query: LogQuery, attempts: LogAttempts, of request: HTTPRequest) throws(ApolloError) {
        self.query = query
        self.attempts = attempts
        givesEvents = request.fields.values("Accept").contains {
            $0.lowercased().contains("text/event-stream")
        }
        guard givesEvents, let id = request.fields["Last-Event-ID"] else { return }
        let parts = id.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let attempt = Int(parts[0]), let offset = Int64(parts[1]), attempt > 0,
            offset >= 0
        else {
            throw ApolloError(
                .invalid, "the Last-Event-ID is none of these events",
                hint: "send one as it came, such as 1:4096, or none to begin anew")
        }
        self.query.offset = offset
        self.query.tail = nil
        if case .one = attempts { self.attempts = .one(attempt) } else { self.attempts = .from(attempt) }
        if attempts == .latest, !query.follow { self.attempts = .one(attempt) }
    }
}
