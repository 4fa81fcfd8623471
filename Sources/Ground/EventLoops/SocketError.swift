public import Core
import Glibc

/// How a descriptor or a stream socket fails.
public enum SocketError: Error, Hashable, Sendable {
    /// The peer is gone, or the socket was closed on this side.
    case closed
    /// The deadline passed first.
    case timedOut
    /// The waiting task was cancelled.
    case cancelled
    /// Someone waits already.
    case busy
    /// A system call failed: what it was to do, and its errno.
    case system(String, Int32)
}

extension SocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closed: "the connection is closed"
        case .timedOut: "the peer did not answer in time"
        case .cancelled: "cancelled"
        case .busy: "someone waits for this descriptor already"
        case .system(let action, let code): "cannot \(action): \(String(cString: strerror(code)))"
        }
    }
}

extension ApolloError {
    /// The same failure for people.
    public init(_ error: SocketError) {
        let kind: ErrorKind =
            switch error {
            case .closed: .unavailable
            case .timedOut: .deadline
            case .cancelled: .cancelled
            case .busy: .conflict
            case .system(_, let code): SystemCall.kind(code)
            }
        self.init(kind, error.description)
    }
}

/// The errors of system calls, made in one place.
enum SystemCall {
    static func error(_ action: String, _ code: Int32, hint: String? = nil) -> ApolloError {
        ApolloError(kind(code), "cannot \(action): \(text(code))", hint: hint ?? usualHint(code))
    }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    static func kind(_ code: Int32) -> ErrorKind {
        switch code {
        case EACCES, EPERM: .denied
        case ENOENT, ENOTDIR: .notFound
        case EADDRINUSE, EBUSY: .conflict
        case EINVAL, ENAMETOOLONG, EADDRNOTAVAIL: .invalid
        case EMFILE, ENFILE, ENOMEM, EAGAIN, ENOSPC: .exhausted
        case ECANCELED: .cancelled
        default: .unavailable
        }
    }

    private static func usualHint(_ code: Int32) -> String? {
        switch code {
        case EMFILE: "raise the limit of open files ('ulimit -n') or serve fewer connections"
        case ENFILE: "the whole machine has no descriptor left; see /proc/sys/fs/file-nr"
        default: nil
        }
    }
}
