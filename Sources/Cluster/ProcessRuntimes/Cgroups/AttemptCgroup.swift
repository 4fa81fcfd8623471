/// The cgroups of one attempt. All its processes are in each of them, so that one, which can be killed as a whole, tells
/// what is left of it.
struct AttemptCgroup: Hashable {
    /// How everything in a cgroup is killed.
    enum Killing: UInt8, Hashable {
        /// `cgroup.kill`, version 2 since Linux 5.14.
        case file
        /// `cgroup.freeze`, every process, and thaw; version 2 before.
        case freeze
        /// `freezer.state`, every process, and thaw; version 1.
        case freezer
    }

    /// The cgroup that holds the processes together; nil when there is none.
    var containment: Containment?
    /// Those with limits, by controller; it may be the same directory.
    var cpu: Controller?
    var memory: Controller?
    var processes: Controller?

    struct Containment: Hashable {
        var directory: String
        var killing: Killing
    }

    struct Controller: Hashable {
        var directory: String
        var isVersion2: Bool
    }

    var controllers: [Controller] { [cpu, memory, processes].compactMap(\.self) }

    /// Every directory once, that of the containment first.
    var directories: [String] {
        var found: [String] = []
        for directory in [containment?.directory].compactMap(\.self) + controllers.map(\.directory)
        where !found.contains(directory) {
            found.append(directory)
        }
        return found
    }
}

extension AttemptCgroup: WireValue {
    func write(to writer: inout ByteWriter) {
        writer.optional(containment) {
            $0.text($1.directory)
            $0.integer($1.killing.rawValue)
        }
        for controller in [cpu, memory, processes] {
            writer.optional(controller) {
                $0.text($1.directory)
                $0.flag($1.isVersion2)
            }
        }
    }

    init(from reader: inout ByteReader) throws(WireError) {
        containment = try reader.optional { r throws(WireError) in
            let directory = try r.text()
            guard let killing = Killing(rawValue: try r.integer()) else { throw .invalid("a way of killing") }
            return Containment(directory: directory, killing: killing)
        }
        cpu = try Self.controller(&reader)
        memory = try Self.controller(&reader)
        processes = try Self.controller(&reader)
    }

    private static func controller(_ reader: inout ByteReader) throws(WireError) -> Controller? {
        try reader.optional { r throws(WireError) in
            Controller(directory: try r.text(), isVersion2: try r.flag())
        }
    }
}
