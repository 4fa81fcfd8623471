/// What a policy is asked about.
public struct PolicyRequest: Sendable {
    /// Who asks, as S3 names principals; nil for who did not say.
    public var principal: String?
    /// Such as `s3:GetObject`.
    public var action: String
    /// Such as `arn:aws:s3:::bucket/key`.
    public var resource: String
    /// What conditions are about, by their keys in lower case.
    public var context: [String: [String]]

    public init(principal: String?, action: String, resource: String, context: [String: [String]] = [:]) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }

    /// The name of a bucket, or of an object in it, as policies write it.
    public static func resource(_ bucket: String, _ key: String? = nil) -> String {
        "arn:aws:s3:::\(bucket)" + (key.map { "/\($0)" } ?? "")
    }
}

/// What a policy says of a request.
public enum PolicyDecision: Hashable, Sendable {
    case allowed
    case denied
    /// Nothing.
    case silent
}

/// Why a text is no policy that could be held to.
public struct PolicyError: Error, Hashable, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}
