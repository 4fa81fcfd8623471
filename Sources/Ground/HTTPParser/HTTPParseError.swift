public import HTTPModel

/// A request that is refused: the status to answer with, and why in one line. The connection cannot go on after it, since
/// nobody knows where the next request would start.
public struct HTTPParseError: Error, Hashable, Sendable {
    public var status: HTTPStatus
    public var reason: String

    public init(_ status: HTTPStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    static func bad(_ reason: String) -> HTTPParseError { HTTPParseError(.badRequest, reason) }
}

extension HTTPParseError: CustomStringConvertible {
    public var description: String { "\(status): \(reason)" }
}
