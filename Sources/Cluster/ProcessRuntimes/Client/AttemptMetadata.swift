import ClusterModel
import Core
import Glibc

/// What the launcher keeps of an attempt for us. Of all this it reads how the attempt is stopped.
struct AttemptMetadata: Hashable {
    var task: TaskID
    var ports: [PortMapping]
    /// What it may have on disk, in its own directory; nil where it has none.
    var disk: ByteCount?
    /// What asks it to end; nil for SIGTERM.
    var stopSignal: Int32?

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.text(task.text)
        writer.list(ports) {
            $0.integer($1.container)
            $0.optional($1.host) { $0.integer($1) }
            $0.text($1.address)
            $0.flag($1.transport == .udp)
        }
        // Only where there is something to say: what a version before reads is as it was.
        if disk != nil || stopSignal != nil { writer.integer(disk?.bytes ?? -1) }
        if let stopSignal { writer.integer(stopSignal) }
        return writer.bytes
    }

    init(task: TaskID, ports: [PortMapping], disk: ByteCount? = nil, stopSignal: Int32? = nil) {
        self.disk = disk
        self.stopSignal = stopSignal
        self.task = task
        self.ports = ports
    }

    init(parsing bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        guard let task = TaskID(parsing: try reader.text()) else { throw .invalid("a task's identifier") }
        self.task = task
        ports = try reader.list { r throws(WireError) in
            let container: UInt16 = try r.integer()
            let host: UInt16? = try r.optional { r throws(WireError) in try r.integer() }
            return PortMapping(
                container: container, host: host, address: try r.text(),
                transport: try r.flag() ? .udp : .tcp)
        }
        if reader.remaining > 0 {
            let bytes: Int64 = try reader.integer()
            disk = bytes < 0 ? nil : ByteCount(bytes)
        }
        if reader.remaining > 0 { stopSignal = try reader.integer() }
        try reader.finish()
    }
}

extension StartRecord {
    /// What asks the attempt to end.
    var stopSignal: Int32 {
        // What a later version wrote, and this one cannot read, is stopped as most are.
        (try? AttemptMetadata(parsing: metadata))?.stopSignal ?? SIGTERM
    }
}
