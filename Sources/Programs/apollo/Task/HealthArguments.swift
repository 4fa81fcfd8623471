import Arguments
import ClusterModel
import Core

/// The arguments of `apollo task run` that say how a task is probed.
enum HealthArguments {
    /// A port and a path: `:8080/health`, `/health` for the first port that the task has.
    struct Page: Hashable, Sendable {
        var port: UInt16?
        var path: String
    }

    private static let page = ValueType<Page>(
        "[:PORT]PATH", expecting: "a path such as /health, or a port and a path such as :8080/health"
    ) { text in
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let head = text[..<slash]
        guard !head.isEmpty else { return Page(path: text) }
        guard head.first == ":", let port = UInt16(head.dropFirst()), port > 0 else { return nil }
        return Page(port: port, path: String(text[slash...]))
    }

    private static let statuses = ValueType<[Int]>(
        "STATUS[,STATUS...]", expecting: "statuses of HTTP such as 200,204"
    ) { text in
        let all = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        return all.allSatisfy { (100...599).contains($0) } ? all : nil
    }

    static let http = Parameter.option(
        "health-http", page, help: "Healthy while a GET of this is answered with 200 to 299.")
    static let status = Parameter.option(
        "health-status", statuses, help: "The statuses that are good, in place of 200 to 299.")
    static let header = Parameter.repeated(
        "health-header", .keyValue, help: "A header that the GET carries, as NAME=VALUE.")
    static let tcp = Parameter.option(
        "health-tcp", .integer("PORT", in: 1...65535),
        help: "Healthy while this port of the task takes connections.")
    static let exec = Parameter.option(
        "health-exec", .text("COMMAND"),
        help: "Healthy while this command, run inside the task by its sh, ends with exit code 0.")
    static let startPeriod = Parameter.option(
        "health-start-period", .duration,
        help: "So long after a start, or until the first success, failures do not count; 10s unless said.")
    static let interval = Parameter.option(
        "health-interval", .duration, help: "From one probe to the next; 10s unless said.")
    static let timeout = Parameter.option(
        "health-timeout", .duration, help: "The longest a probe may take; 5s unless said.")
    static let retries = Parameter.option(
        "health-retries", .integer("N", in: 1...1000),
        help: "So many failures in a row make it unhealthy, which ends it; 3 unless said.")

    static let parameters: [any CommandParameter] = [
        http, status, header, tcp, exec, startPeriod, interval, timeout, retries,
    ]

    static func check(_ invocation: Invocation) throws -> HealthCheck? {
        let kinds = [invocation[http] != nil, invocation[tcp] != nil, invocation[exec] != nil].count { $0 }
        let times = [invocation[startPeriod], invocation[interval], invocation[timeout]]
        let ofHTTP = invocation[status] != nil || !invocation[header].isEmpty
        guard kinds > 0 else {
            guard !times.contains(where: { $0 != nil }), invocation[retries] == nil, !ofHTTP else {
                throw invocation.usageError(
                    "the --health-… options need something to probe",
                    hint: "give --health-http, --health-tcp or --health-exec")
            }
            return nil
        }
        guard kinds == 1 else {
            throw invocation.usageError(
                "a task has one kind of probe",
                hint: "give one of --health-http, --health-tcp and --health-exec")
        }
        guard !ofHTTP || invocation[http] != nil else {
            throw invocation.usageError("--health-status and --health-header need --health-http")
        }
        var check = HealthCheck()
        if let page = invocation[http] {
            check.http = HealthCheck.HTTPProbe(
                path: page.path, port: page.port, status: invocation[status] ?? [],
                headers: Dictionary(invocation[header].map { ($0.key, $0.value) }) { $1 })
        }
        if let port = invocation[tcp] { check.tcp = HealthCheck.TCPProbe(port: UInt16(port)) }
        if let script = invocation[exec] {
            check.exec = HealthCheck.ExecProbe(command: ["sh", "-c", script])
        }
        if let time = times[0] { check.startPeriod = Seconds(time.inSeconds) }
        if let time = times[1] { check.interval = Seconds(time.inSeconds) }
        if let time = times[2] { check.timeout = Seconds(time.inSeconds) }
        if let count = invocation[retries] { check.retries = count }
        return check
    }
}
