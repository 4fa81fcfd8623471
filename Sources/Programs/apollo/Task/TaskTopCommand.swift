import APIMessages
import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo task top`.
enum TaskTopCommand {
    static let handles = Parameter.arguments(
        TaskCommand.handle, required: false, help: "The tasks; all that run if left out.")
    static let once = Parameter.flag("once", help: "One look, rather than again and again until Ctrl-C.")
    static let interval = Parameter.option(
        "interval", .duration, default: .seconds(1), help: "The time over which processor time is measured.")

    /// How many tasks are asked about at once.
    private static let width = 16

    static let command = Command(
        "top", summary: "Show what running tasks use",
        discussion: """
            CPU is how many cores a task kept busy over the interval: 0.5 is half of one; READ and WRITTEN are bytes from and to \
            disks a second. On a terminal it looks again and again; else, and as JSON, once. What does not run is left \
            out; a task that is named and is not there is an error.
            """,
        parameters: [handles, once, interval],
        examples: [
            Example("live, two tasks", "apollo task top web worker"),
            Example("one look, over five seconds", "apollo task top --once --interval 5s"),
        ],
        seeAlso: ["apollo task ps", "apollo node status"]
    ) { invocation in
        let session = try Session(invocation)
        let interval = invocation[interval]
        try check(interval, invocation)
        let names = invocation[handles]
        let isLive = session.output.isTerminal && session.format == .table && !invocation[once]
        try await session.withClient { client in
            let clock = LiveClock()
            var before = try await readings(of: names, client)
            repeat {
                try await clock.sleep(for: interval)
                let now = try await readings(of: names, client)
                try show(rows(before, now), isLive, session)
                before = now
            } while isLive
        }
        return .success
    }

    static func check(_ interval: Duration, _ invocation: Invocation) throws {
        guard interval >= .milliseconds(100), interval <= .seconds(3600) else {
            throw invocation.usageError("--interval must be from 100ms to 1h", hint: "leave it out for 1s")
        }
    }

    /// What a task used over the interval.
    struct Row: Encodable, Sendable {
        var name: String
        /// Cores kept busy.
        var cpu: Double
        var cpuLimit: Double?
        var cpuSeconds: Double
        var memory: ByteCount
        var memoryLimit: ByteCount?
        var processes: Int
        /// Bytes a second.
        var read: Int64?
        var written: Int64?
    }

    private typealias Reading = (record: TaskRecord, usage: TaskUsage)

    private static func readings(of names: [String], _ client: PlatformClient) async throws -> [Reading] {
        var records: [TaskRecord] = []
        if names.isEmpty {
            records = try await client.allTasks(.unfinished)
        } else {
            for name in names { records.append(try await client.task(name)) }
        }
        var rest = records.filter { $0.current?.state == .running }[...]
        var all: [Reading] = []
        while !rest.isEmpty {
            let some = rest.prefix(width)
            rest = rest.dropFirst(width)
            all += try await withThrowingTaskGroup(of: Reading?.self) { group in
                for record in some {
                    group.addTask {
                        do {
                            return (record, try await client.usage(record.id.text))
                        } catch let error as ApolloError where [.conflict, .notFound].contains(error.kind) {
                            return nil  // It has ended meanwhile.
                        }
                    }
                }
                var found: [Reading] = []
                for try await reading in group { if let reading { found.append(reading) } }
                return found
            }
        }
        return all.sorted { $0.record.id < $1.record.id }
    }

    /// Those that ran over the whole interval.
    private static func rows(_ before: [Reading], _ now: [Reading]) -> [Row] {
        let earlier = Dictionary(before.map { ($0.record.id, $0.usage) }, uniquingKeysWith: { $1 })
        return now.compactMap { record, usage in
            guard let before = earlier[record.id], let cores = usage.cores(since: before) else { return nil }
            let time = before.takenAt.duration(to: usage.takenAt).inSeconds
            func rate(_ value: Int64?, _ since: Int64?) -> Int64? {
                guard let value, let since else { return nil }
                return Int64(Double(max(0, value - since)) / time)
            }
            return Row(
                name: record.name, cpu: cores, cpuLimit: usage.cpuLimit, cpuSeconds: usage.cpuSeconds,
                memory: usage.memory, memoryLimit: usage.memoryLimit, processes: usage.processes,
                read: rate(usage.readBytes, before.readBytes),
                written: rate(usage.writtenBytes, before.writtenBytes))
        }
    }

    private static func show(_ rows: [Row], _ isLive: Bool, _ session: Session) throws {
        if isLive {
            try session.output.write("\u{1B}[H\u{1B}[2J")  // Home, and clear (ECMA-48).
        }
        try session.output.write(rows, as: session.format, table)
    }

    private static var table: Table<Row> {
        Table([
            Column("NAME") { $0.name },
            Column("CPU", .right) { hundredths($0.cpu) },
            Column("OF", .right) { $0.cpuLimit.map(hundredths) },
            Column("CPU TIME", .right) { "\(hundredths($0.cpuSeconds))s" },
            Column("MEMORY", .right) { $0.memory.rounded },
            Column("OF", .right) { $0.memoryLimit.map { "\($0)" } },
            Column("PROCESSES", .right) { "\($0.processes)" },
            Column("READ", .right) { $0.read.map { "\(ByteCount($0).rounded)/s" } },
            Column("WRITTEN", .right) { $0.written.map { "\(ByteCount($0).rounded)/s" } },
        ])
    }

    private static func hundredths(_ value: Double) -> String {
        let whole = Int64((value * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }
}

extension ByteCount {
    /// For people who look at it change: 12.3Mi.
    var rounded: String {
        var value = Double(bytes)
        for unit in ["", "Ki", "Mi", "Gi", "Ti"] {
            if value < 1024 || unit == "Ti" {
                let tenths = Int64((value * 10).rounded())
                return unit.isEmpty || value >= 100
                    ? "\(Int64(value.rounded()))\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
            }
            value /= 1024
        }
        return description
    }
}
