/// The one error that crosses the boundary between domains, and out to people.
///
/// Closed domains (parsers, codecs, C wrappers, pure cores) throw typed errors of their own; where domains meet they
/// are turned into this one, which HTTP, the command line and, later, gRPC map once (`httpStatus`, `exitCode`).
public struct ApolloError: Error, Hashable, Sendable {
    /// What kind of failure it is: decides the HTTP status and the exit code.
    public var kind: ErrorKind
    /// What failed, and on what. One sentence, no trailing period, no secret.
    public var message: String
    /// What the user can try. One sentence, or nil where nothing helps.
    public var hint: String?
    /// The fields of the input at fault, with what is wrong with each.
    public var fields: [FieldError]

    public init(_ kind: ErrorKind, _ message: String, hint: String? = nil, fields: [FieldError] = []) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.fields = fields
    }
}

/// A failure in one field of an input.
public struct FieldError: Hashable, Sendable, Codable {
    /// Where: a dotted path such as `resources.memory` or `ports[0].host`; empty for the whole input.
    public var path: String
    /// What is wrong with it, and what would be right.
    public var message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

/// The kinds of failure, the same everywhere.
public enum ErrorKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The input is wrong; sending it again will fail again.
    case invalid
    /// The named thing does not exist, or the caller may not know that it does.
    case notFound = "not_found"
    /// A thing of this name exists already.
    case exists
    /// The thing is in a state, or at a revision, that does not allow this.
    case conflict
    /// Nobody, or nobody known, is asking.
    case unauthenticated
    /// The one who asks may not.
    case denied
    /// A limit or a quota is reached.
    case exhausted
    /// Something needed does not answer now; trying later may work.
    case unavailable
    /// The time allowed ran out.
    case deadline
    /// The caller gave up.
    case cancelled
    /// Stored or received bytes are damaged.
    case corrupt
    /// A fault of Apollo itself.
    case `internal`

    /// The HTTP status that carries this kind (RFC 9110).
    public var httpStatus: Int {
        switch self {
        case .invalid: 400
        case .unauthenticated: 401
        case .denied: 403
        case .notFound: 404
        case .exists, .conflict: 409
        case .exhausted: 429
        case .cancelled: 499
        case .corrupt, .internal: 500
        case .unavailable: 503
        case .deadline: 504
        }
    }

    /// The exit code of a command that failed with this kind. 1 is left to "the task failed" and 2 to wrong usage;
    /// the numbers from 64 on are those of `sysexits.h` where it has the meaning.
    public var exitCode: Int32 {
        switch self {
        case .invalid: 65  // EX_DATAERR
        case .notFound: 66  // EX_NOINPUT
        case .exists, .conflict: 67
        case .unavailable: 69  // EX_UNAVAILABLE
        case .internal: 70  // EX_SOFTWARE
        case .exhausted: 71
        case .corrupt: 74  // EX_IOERR
        case .deadline: 75  // EX_TEMPFAIL
        case .unauthenticated, .denied: 77  // EX_NOPERM
        case .cancelled: 130  // as after SIGINT
        }
    }
}

extension ApolloError: CustomStringConvertible {
    /// The message, the fields and the hint, as one text for a log.
    public var description: String {
        var text = message
        for field in fields {
            text += field.path.isEmpty ? "; \(field.message)" : "; \(field.path): \(field.message)"
        }
        if let hint { text += " (\(hint))" }
        return text
    }
}
