import ClusterModel
import Core

/// Everything the launcher needs to know to start an attempt; nothing is looked up any more.
struct LaunchOrder: Hashable, WireValue {
    /// The attempt's identifier: 20 characters that are safe in a path.
    var attempt: AttemptID
    /// Kept for the client and given back with the attempt.
    var metadata: [UInt8]
    /// The files to try, in order; see execvp(3).
    var candidates: [String]
    /// From the program's own name on.
    var arguments: [String]
    /// `NAME=value`.
    var environment: [String]
    var directory: String
    var identity: ProcessIdentity?
    var limits: AttemptLimits
    var mounts: [Mount]
    /// The most bytes of output kept.
    var logLimit: UInt64
    /// Where the program only makes the attempt's first process; nil where it is that itself. Written by the request, as another kind,
    /// so that what a version before reads is as it was.
    var handover: Handover?

    func write(to writer: inout ByteWriter) {
        writer.text(attempt.text)
        writer.blob(metadata)
        writer.list(candidates) { $0.text($1) }
        writer.list(arguments) { $0.text($1) }
        writer.list(environment) { $0.text($1) }
        writer.text(directory)
        writer.optional(identity) { $0.value($1) }
        writer.value(limits)
        writer.list(mounts) {
            $0.text($1.source)
            $0.text($1.target)
            $0.flag($1.readOnly)
        }
        writer.integer(logLimit)
    }
}

extension LaunchOrder {
    init(from reader: inout ByteReader) throws(WireError) {
        attempt = try reader.attempt()
        metadata = try reader.blob()
        candidates = try reader.list { r throws(WireError) in try r.text() }
        arguments = try reader.list { r throws(WireError) in try r.text() }
        environment = try reader.list { r throws(WireError) in try r.text() }
        directory = try reader.text()
        identity = try reader.optional { r throws(WireError) in try r.value() }
        limits = try reader.value()
        mounts = try reader.list { r throws(WireError) in
            Mount(source: try r.text(), target: try r.text(), readOnly: try r.flag())
        }
        logLimit = try reader.integer()
    }
}

/// How the attempt's first process comes from a program that makes it and ends, such as runc with a container: the process is the
/// launcher's child then, as the nearest subreaper's (prctl(2)).
struct Handover: Hashable, WireValue {
    /// Where the program writes the number of the process.
    var pidFile: String
    /// What was not done as asked, for people.
    var warnings: [String]
}

extension Handover {
    /// Before the number of the user whom the output is to belong to, among the program's variables: a launcher of the version before
    /// takes it for one of the program's own.
    static let outputOwner = "APOLLO_OUTPUT_OWNER="

    func write(to writer: inout ByteWriter) {
        writer.text(pidFile)
        writer.list(warnings) { $0.text($1) }
    }

    init(from reader: inout ByteReader) throws(WireError) {
        pidFile = try reader.text()
        warnings = try reader.list { r throws(WireError) in try r.text() }
    }
}

/// Who a process runs as.
struct ProcessIdentity: Hashable, WireValue {
    var user: UInt32
    var group: UInt32
    var groups: [UInt32]
}

extension ProcessIdentity {
    func write(to writer: inout ByteWriter) {
        writer.integer(user)
        writer.integer(group)
        writer.list(groups) { $0.integer($1) }
    }

    init(from reader: inout ByteReader) throws(WireError) {
        user = try reader.integer()
        group = try reader.integer()
        groups = try reader.list { r throws(WireError) in try r.integer() }
    }
}

/// What an attempt may use at most; nil is no limit.
struct AttemptLimits: Hashable, WireValue {
    var cpuMillis: Int64?
    var memory: Int64?
    var processes: Int64?

    var isEmpty: Bool { cpuMillis == nil && memory == nil && processes == nil }
}

extension AttemptLimits {
    func write(to writer: inout ByteWriter) {
        for value in [cpuMillis, memory, processes] { writer.optional(value) { $0.integer($1) } }
    }

    init(from reader: inout ByteReader) throws(WireError) {
        cpuMillis = try reader.optional { r throws(WireError) in try r.integer() }
        memory = try reader.optional { r throws(WireError) in try r.integer() }
        processes = try reader.optional { r throws(WireError) in try r.integer() }
    }
}

extension ByteReader {
    mutating func attempt() throws(WireError) -> AttemptID {
        let text = try text()
        guard let attempt = AttemptID(parsing: text) else {
            throw .invalid("an attempt's identifier '\(text)'")
        }
        return attempt
    }
}
