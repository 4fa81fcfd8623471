import Core
public import HTTPModel

/// The conditions under which a request wants to be carried out (RFC 9110, section 13).
public struct Preconditions: Hashable, Sendable {
    private enum Condition: Hashable, Sendable {
        case any
        case tags([EntityTag])
    }

    private var match: Condition?
    private var noneMatch: Condition?

    /// Reads `If-Match` and `If-None-Match`; throws a problem where they are malformed.
    public init(_ fields: HTTPFields) throws(HTTPProblem) {
        match = try Self.condition("If-Match", fields)
        noneMatch = try Self.condition("If-None-Match", fields)
    }

    /// Whether the request has any.
    public var isEmpty: Bool { match == nil && noneMatch == nil }

    private static func condition(_ name: String, _ fields: HTTPFields) throws(HTTPProblem) -> Condition? {
        let lines = fields.values(name)
        guard !lines.isEmpty else { return nil }
        let text = lines.joined(separator: ",")
        if text == "*" { return .any }
        guard let tags = EntityTag.list(text), !tags.isEmpty else {
            throw HTTPProblem(invalid: "\(name) must be '*' or a list of entity tags such as \"12\"")
        }
        return .tags(tags)
    }

    /// What to do with a request on a thing whose version is `current`, or nil where there is no such thing: throws a
    /// problem of status 412 where a condition fails, and returns whether a read should be answered with 304.
    public func check(_ current: EntityTag?, method: HTTPMethod) throws(HTTPProblem) -> Bool {
        if let match, !Self.holds(match, current, isStrong: true) {
            throw HTTPProblem(
                .preconditionFailed, .conflict,
                current.map { "it has changed: its version is \($0) now" }
                    ?? "there is no such thing any more",
                hint: "read it again, and repeat the change on what it is now")
        }
        guard let noneMatch, Self.holds(noneMatch, current, isStrong: false) else { return false }
        if method == .get || method == .head { return true }
        throw HTTPProblem(
            .preconditionFailed, .conflict, "there is a version already: \(current?.description ?? "")")
    }

    private static func holds(_ condition: Condition, _ current: EntityTag?, isStrong: Bool) -> Bool {
        guard let current else { return false }
        switch condition {
        case .any: return true
        case .tags(let tags):
            return tags.contains {
                $0.opaque == current.opaque && !(isStrong && ($0.isWeak || current.isWeak))
            }
        }
    }
}

extension Call {
    /// Answers a read of a thing of version `tag`: with 304 where the caller has it already, else with what `response`
    /// returns. Both carry the tag.
    public func conditional(
        _ tag: EntityTag, _ response: () async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let isUnchanged = try Preconditions(request.fields).check(tag, method: request.method)
        var response = isUnchanged ? HTTPResponse(.notModified) : try await response()
        response.fields["ETag"] = tag.description
        return response
    }

    /// Throws a problem of status 412 unless a change of a thing of version `tag`, or nil for none, is wanted.
    public func requireMatch(_ tag: EntityTag?) throws(HTTPProblem) {
        _ = try Preconditions(request.fields).check(tag, method: request.method)
    }
}
