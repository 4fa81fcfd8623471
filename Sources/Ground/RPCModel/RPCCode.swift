public import Core

/// The status codes of gRPC, by their numbers on the wire (https://grpc.io/docs/guides/status-codes).
public enum RPCCode: Int, Hashable, Sendable, CaseIterable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The code that carries a kind of failure.
    public init(_ kind: ErrorKind) {
        self =
            switch kind {
            case .invalid: .invalidArgument
            case .notFound: .notFound
            case .exists: .alreadyExists
            case .conflict: .failedPrecondition
            case .unauthenticated: .unauthenticated
            case .denied: .permissionDenied
            case .exhausted: .resourceExhausted
            case .unavailable: .unavailable
            case .deadline: .deadlineExceeded
            case .cancelled: .cancelled
            case .corrupt: .dataLoss
            case .internal: .internal
            }
    }

    /// The kind that comes closest; nil for `ok`.
    public var kind: ErrorKind? {
        switch self {
        case .ok: nil
        case .cancelled: .cancelled
        case .invalidArgument, .outOfRange, .unimplemented: .invalid
        case .deadlineExceeded: .deadline
        case .notFound: .notFound
        case .alreadyExists: .exists
        case .permissionDenied: .denied
        case .resourceExhausted: .exhausted
        case .failedPrecondition, .aborted: .conflict
        case .unknown, .internal: .internal
        case .unavailable: .unavailable
        case .dataLoss: .corrupt
        case .unauthenticated: .unauthenticated
        }
    }

    /// The code's name in gRPC's own documents, as metrics and logs have it: `NOT_FOUND`.
    public var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}
