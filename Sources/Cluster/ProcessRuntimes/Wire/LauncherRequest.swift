import ClusterModel
import Core

/// What a client asks of the launcher. Each is answered by one ``LauncherReply`` with its number (``list`` by several).
enum LauncherRequest: Hashable {
    /// Starts an attempt, or answers with the one that there is.
    case start(LaunchOrder)
    /// The attempt's record, without starting anything.
    case find(AttemptID)
    /// Sends SIGTERM, or what the attempt was started with in its place, and SIGKILL after the grace. Answered when the attempt has ended.
    case stop(AttemptID, graceMilliseconds: UInt64)
    /// Answered when the attempt has ended.
    case wait(AttemptID)
    case remove(AttemptID)
    case list
    case usage(AttemptID)
    /// Answered when the attempt's output goes beyond the position, or has ended.
    case output(AttemptID, beyond: UInt64)
    /// Gives up an unanswered `stop`, `wait` or `output`; not answered.
    case cancel(request: UInt32)
    case status
    /// Ends the launcher unless attempts run.
    case shutDown

    func frame(_ request: UInt32) -> [UInt8] {
        Frame.bytes(kind: kind, request: request) { writer in
            switch self {
            case .start(let order):
                writer.value(order)
                if let handover = order.handover { writer.value(handover) }
            case .stop(let attempt, let grace):
                writer.text(attempt.text)
                writer.integer(grace)
            case .find(let attempt), .wait(let attempt), .remove(let attempt), .usage(let attempt):
                writer.text(attempt.text)
            case .output(let attempt, let position):
                writer.text(attempt.text)
                writer.integer(position)
            case .cancel(let request): writer.integer(request)
            case .list, .status, .shutDown: break
            }
        }
    }

    /// The attempt that it asks about; nil for a start, and where it is about all.
    var attempt: AttemptID? {
        switch self {
        case .find(let id), .wait(let id), .remove(let id), .usage(let id): id
        case .stop(let id, _), .output(let id, _): id
        case .start, .list, .cancel, .status, .shutDown: nil
        }
    }

    private var kind: UInt8 {
        switch self {
        case .start(let order): order.handover == nil ? 1 : 12
        case .find: 2
        case .stop: 3
        case .wait: 4
        case .remove: 5
        case .list: 6
        case .usage: 7
        case .output: 8
        case .cancel: 9
        case .status: 10
        case .shutDown: 11
        }
    }

    init(_ frame: Frame) throws(WireError) {
        var reader = ByteReader(frame.body)
        switch frame.kind {
        case 1: self = .start(try reader.value())
        case 2: self = .find(try reader.attempt())
        case 3: self = .stop(try reader.attempt(), graceMilliseconds: try reader.integer())
        case 4: self = .wait(try reader.attempt())
        case 5: self = .remove(try reader.attempt())
        case 6: self = .list
        case 7: self = .usage(try reader.attempt())
        case 8: self = .output(try reader.attempt(), beyond: try reader.integer())
        case 9: self = .cancel(request: try reader.integer())
        case 10: self = .status
        case 11: self = .shutDown
        case 12:
            var order: LaunchOrder = try reader.value()
            order.handover = try reader.value()
            self = .start(order)
        default: throw .invalid("a request of kind \(frame.kind)")
        }
        try reader.finish()
    }
}
