public import Core

/// What can go wrong on a bus.
public enum BusError: Error, Hashable, Sendable {
    case payloadTooLarge(bytes: Int, limit: Int)
    /// As many are subscribed as the bus takes.
    case tooManySubscriptions(limit: Int)
    /// Nobody is subscribed to what was asked.
    case noResponder(Subject)
    case deadline(Subject, Duration)
    /// The subscriber read too slowly and asked to be disconnected then.
    case tooSlow(missed: UInt64)
    /// What carries it cannot be reached, with the reason; it is tried again by itself.
    case away(String)
    /// More waits to be sent than it keeps.
    case full
    /// The bus is closed.
    case closed
    case cancelled

    public var asApolloError: ApolloError {
        switch self {
        case .payloadTooLarge(let bytes, let limit):
            ApolloError(.invalid, "a message of \(bytes) bytes is longer than the \(limit) a bus takes")
        case .tooManySubscriptions(let limit):
            ApolloError(
                .exhausted, "\(limit) subscriptions are open, which is the most", hint: "try again later")
        case .noResponder(let subject): ApolloError(.unavailable, "nobody answers on '\(subject)'")
        case .deadline(let subject, let limit):
            ApolloError(.deadline, "nobody answered on '\(subject)' within \(limit.short)")
        case .tooSlow(let missed):
            ApolloError(
                .exhausted, "\(missed) messages came faster than they were read", hint: "begin anew")
        case .away(let reason): ApolloError(.unavailable, "the bus is away: \(reason)")
        case .full:
            ApolloError(
                .exhausted, "more waits to be sent on the bus than it keeps", hint: "try again later")
        case .closed: ApolloError(.unavailable, "the bus is closed")
        case .cancelled: ApolloError(.cancelled, "the wait for a message was given up")
        }
    }
}
