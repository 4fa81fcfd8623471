import Documents

/// Who may do what in a bucket, in the language of Amazon's policies ("Policies and permissions in Amazon S3"): statements that allow or
/// deny. A denial outdoes everything. What cannot be held to is refused when the policy is read, so that none is in force only in part.
public struct BucketPolicy: Hashable, Sendable {
    public static let maximumBytes = 20 << 10

    let statements: [PolicyStatement]

    /// Reads a policy of the bucket `bucket`.
    public init(_ bytes: [UInt8], bucket: String) throws(PolicyError) {
        guard bytes.count <= Self.maximumBytes else {
            throw PolicyError("a policy has \(Self.maximumBytes) bytes at most")
        }
        let root: JSONValue
        do throws(JSONError) { root = try JSONReader(maximumDepth: 8).read(bytes) } catch {
            throw PolicyError("it is no JSON: \(error.description)")
        }
        guard case .object(let object) = root else { throw PolicyError("it is no object") }
        for key in object.keys where !["Version", "Id", "Statement"].contains(key) {
            throw PolicyError("'\(key.prefix(80))' is not known")
        }
        if let version = object["Version"], version.string != "2012-10-17", version.string != "2008-10-17" {
            throw PolicyError("its version is not 2012-10-17")
        }
        let values: [JSONValue]
        switch object["Statement"] {
        case .array(let all)?: values = all
        case .object(let one)?: values = [.object(one)]
        default: throw PolicyError("it has no statements")
        }
        guard !values.isEmpty else { throw PolicyError("it has no statements") }
        var statements: [PolicyStatement] = []
        for value in values { statements.append(try PolicyStatement(value, bucket: bucket)) }
        self.statements = statements
    }

    public func decide(_ request: PolicyRequest) -> PolicyDecision {
        var decision = PolicyDecision.silent
        for statement in statements where statement.applies(to: request) {
            if !statement.allows { return .denied }
            decision = .allowed
        }
        return decision
    }

    /// Whether it allows something to everybody, without a condition.
    public var isPublic: Bool {
        statements.contains { $0.allows && $0.principals == .everyone && $0.conditions.isEmpty }
    }

    /// Whether what it says depends on a key that begins so, in lower case.
    public func mentions(_ prefix: String) -> Bool {
        statements.contains { $0.conditions.contains { $0.key.hasPrefix(prefix) } }
    }
}
