import Synchronization

/// What a handler knows better than its route for the audit record of its request: whom it is about, and on what.
public final class AuditNote: Sendable {
    struct Text: Sendable {
        var principal: String?
        var resource: String?
        var failure: String?
    }

    @TaskLocal static var current: AuditNote?

    private let state = Mutex(Text())

    init() {}

    var text: Text { state.withLock { $0 } }

    /// Says who asks, where the credential is not in the request, as when logging in; and the URI of what is asked for.
    ///
    /// - Parameter failure: why it was denied, where the status of the answer does not tell: pages lead on to others.
    public static func note(principal: String? = nil, resource: String? = nil, failure: String? = nil) {
        current?.state.withLock { text in
            if let principal { text.principal = principal }
            if let resource { text.resource = resource }
            if let failure { text.failure = failure }
        }
    }
}
