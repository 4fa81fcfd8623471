public import HTTPModel

/// Answers a request whose route is found. Never throws: failures have become problems.
public typealias Responder = @Sendable (HTTPRequest, RequestInfo) async -> HTTPResponse

/// Stands around every handler: sees the request before it and the response after it, and may change both.
public struct Middleware: Sendable {
    let around: @Sendable (HTTPRequest, RequestInfo, Responder) async -> HTTPResponse

    public init(_ around: @escaping @Sendable (HTTPRequest, RequestInfo, Responder) async -> HTTPResponse) {
        self.around = around
    }
}
