import Synchronization

/// What a handler knows better than its route for the audit record of its request: whom it is about, and on what.
public final class AuditNote: Sendable {
    public struct Text: Sendable {
        public var principal: String?
        public var resource: String?
        public var failure: String?
        public var detail: String?
    }

    @TaskLocal static var current: AuditNote?

    private let state = Mutex(Text())

    public init() {}

    public var text: Text { state.withLock { $0 } }

    /// Runs `body`, whose notes are written here.
    public func collect<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await Self.$current.withValue(self, operation: body)
    }

    /// Says who asks, where the credential is not in the request, as when logging in; and the URI of what is asked for.
    ///
    /// - Parameter failure: why it was denied, where the status of the answer does not tell: pages lead on to others.
    /// - Parameter detail: what was asked for, where its name says too little. No secret.
    public static func note(
        principal: String? = nil, resource: String? = nil, failure: String? = nil, detail: String? = nil
    ) {
        current?.state.withLock { text in
            if let principal { text.principal = principal }
            if let resource { text.resource = resource }
            if let failure { text.failure = failure }
            if let detail { text.detail = detail }
        }
    }
}
