import ClusterModel
import Core
import TaskRuntimes

/// What the launcher answers.
enum LauncherReply: Hashable {
    case started(StartRecord)
    case startFailed(StartFailure)
    case done
    case ended(AttemptExit)
    /// Some of the attempts; the answer goes on in the next frame when there are more.
    case attempts([ListedAttempt], more: Bool)
    case usage(AttemptUsage?)
    /// How far the output goes now.
    case output(position: UInt64, isComplete: Bool)
    case status(LauncherStatus)
    case unknownAttempt
    case stillRunning
    /// A limit of the launcher is reached: which.
    case exhausted(String)

    func frame(_ request: UInt32) -> [UInt8] {
        Frame.bytes(kind: kind, request: request) { writer in
            switch self {
            case .started(let record): writer.value(record)
            case .startFailed(let failure): writer.value(failure)
            case .ended(let exit): writer.value(exit)
            case .attempts(let attempts, let more):
                writer.list(attempts) { $0.value($1) }
                writer.flag(more)
            case .usage(let usage):
                writer.optional(usage) {
                    $0.integer(UInt64($1.cpuSeconds * 1e6))
                    $0.integer($1.memory.bytes)
                    $0.integer(Int64($1.processes))
                }
            case .output(let position, let isComplete):
                writer.integer(position)
                writer.flag(isComplete)
            case .status(let status): writer.value(status)
            case .exhausted(let what): writer.text(what)
            case .done, .unknownAttempt, .stillRunning: break
            }
        }
    }

    private var kind: UInt8 {
        switch self {
        case .started: 128
        case .startFailed: 129
        case .done: 130
        case .ended: 131
        case .attempts: 132
        case .usage: 133
        case .output: 134
        case .status: 135
        case .unknownAttempt: 136
        case .stillRunning: 137
        case .exhausted: 138
        }
    }

    init(_ frame: Frame) throws(WireError) {
        var reader = ByteReader(frame.body)
        switch frame.kind {
        case 128: self = .started(try reader.value())
        case 129: self = .startFailed(try reader.value())
        case 130: self = .done
        case 131: self = .ended(try reader.value())
        case 132:
            let attempts = try reader.list { r throws(WireError) in try r.value(ListedAttempt.self) }
            self = .attempts(attempts, more: try reader.flag())
        case 133:
            self = .usage(
                try reader.optional { r throws(WireError) in
                    let cpu: UInt64 = try r.integer()
                    let memory = ByteCount(try r.integer())
                    let processes: Int64 = try r.integer()
                    return AttemptUsage(
                        cpuSeconds: Double(cpu) / 1e6, memory: memory, processes: Int(processes))
                })
        case 134: self = .output(position: try reader.integer(), isComplete: try reader.flag())
        case 135: self = .status(try reader.value())
        case 136: self = .unknownAttempt
        case 137: self = .stillRunning
        case 138: self = .exhausted(try reader.text())
        default: throw .invalid("an answer of kind \(frame.kind)")
        }
        try reader.finish()
    }
}

/// Why a process could not be started.
struct StartFailure: Error, Hashable, WireValue {
    /// A `CAPOLLO_SPAWN_` number, or one of the launcher's own steps.
    var step: Int32
    var errno: Int32
    /// Which candidate, mount or cgroup.
    var index: UInt32

    /// Making its pipes.
    static let pipes: Int32 = 100
    /// The program that was to make it failed: `errno` is its exit code, or 128 plus the signal's number.
    static let program: Int32 = 101
    /// The program made no process that is ours.
    static let handover: Int32 = 102
}

extension StartFailure {
    func write(to writer: inout ByteWriter) {
        writer.integer(step)
        writer.integer(errno)
        writer.integer(index)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        step = try reader.integer()
        errno = try reader.integer()
        index = try reader.integer()
    }
}

/// An attempt in a list.
struct ListedAttempt: Hashable, WireValue {
    var attempt: AttemptID
    var startedAt: Timestamp
    var metadata: [UInt8]
    var exit: AttemptExit?
}

extension ListedAttempt {
    func write(to writer: inout ByteWriter) {
        writer.text(attempt.text)
        writer.integer(startedAt.microseconds)
        writer.blob(metadata)
        writer.optional(exit) { $0.value($1) }
    }

    init(from reader: inout ByteReader) throws(WireError) {
        attempt = try reader.attempt()
        startedAt = Timestamp(microseconds: try reader.integer())
        metadata = try reader.blob()
        exit = try reader.optional { r throws(WireError) in try r.value() }
    }
}

/// The launcher itself.
struct LauncherStatus: Hashable, WireValue {
    var pid: Int32
    var running: UInt32
    /// What it can enforce: `cgroups: hybrid; limits: cpu, memory, pids`.
    var abilities: String
}

extension LauncherStatus {
    func write(to writer: inout ByteWriter) {
        writer.integer(pid)
        writer.integer(running)
        writer.text(abilities)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        pid = try reader.integer()
        running = try reader.integer()
        abilities = try reader.text()
    }
}
