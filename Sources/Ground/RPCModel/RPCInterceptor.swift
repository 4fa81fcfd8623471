/// What stands around every call that a server answers: who calls, figures, logs, traces.
///
/// It may refuse the call by throwing, hand on a changed context, and see how the call ended: `next` throws what becomes the status.
public struct RPCInterceptor: Sendable {
    public typealias Next = @Sendable (RPCContext) async throws -> Void

    package let intercept: @Sendable (RPCContext, @escaping Next) async throws -> Void

    public init(_ intercept: @escaping @Sendable (RPCContext, @escaping Next) async throws -> Void) {
        self.intercept = intercept
    }
}
