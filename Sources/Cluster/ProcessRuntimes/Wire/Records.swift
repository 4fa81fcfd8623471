import ClusterModel
import Core
import TaskRuntimes

/// What is known of an attempt from its start on.
struct StartRecord: Hashable {
    var process: ProcessStamp
    var startedAt: Timestamp
    var warnings: [String]
    var metadata: [UInt8]
    var limits: AttemptLimits
    var cgroup: AttemptCgroup
    /// The inodes of its output pipes, stdout's first.
    var pipes: [UInt64]
    var logLimit: UInt64
}

/// A process, told from others that had or will have its number.
struct ProcessStamp: Hashable {
    var pid: Int32
    /// When it started, in clock ticks since the machine did (proc(5), `stat`, field 22).
    var startTicks: UInt64
}

extension StartRecord: WireValue {
    func write(to writer: inout ByteWriter) {
        writer.integer(process.pid)
        writer.integer(process.startTicks)
        writer.integer(startedAt.microseconds)
        writer.list(warnings) { $0.text($1) }
        writer.blob(metadata)
        writer.value(limits)
        writer.value(cgroup)
        writer.list(pipes) { $0.integer($1) }
        writer.integer(logLimit)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        process = ProcessStamp(pid: try reader.integer(), startTicks: try reader.integer())
        startedAt = Timestamp(microseconds: try reader.integer())
        warnings = try reader.list { r throws(WireError) in try r.text() }
        metadata = try reader.blob()
        limits = try reader.value()
        cgroup = try reader.value()
        pipes = try reader.list { r throws(WireError) in try r.integer() }
        logLimit = try reader.integer()
    }
}

extension AttemptExit: WireValue {
    func write(to writer: inout ByteWriter) {
        writer.optional(code) { $0.integer($1) }
        writer.integer(endedAt.microseconds)
        writer.flag(outOfMemory)
        writer.text(reason)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        let code: Int32? = try reader.optional { r throws(WireError) in try r.integer() }
        let endedAt = Timestamp(microseconds: try reader.integer())
        let outOfMemory = try reader.flag()
        self.init(code: code, endedAt: endedAt, outOfMemory: outOfMemory, reason: try reader.text())
    }
}
