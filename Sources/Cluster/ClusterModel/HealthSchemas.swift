import Core
public import Documents

extension HealthCheck: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How it is found out whether a running task does its work: by 'http', 'tcp' or 'exec'.",
            [
                .optional("http", .of(HTTPProbe.self), "A GET that has to be answered with a good status."),
                .optional("tcp", .of(TCPProbe.self), "A connection that has to be taken."),
                .optional("exec", .of(ExecProbe.self), "A command that has to end with exit code 0."),
                .optional(
                    "startPeriod", .seconds(0...86_400), default: 10,
                    "So long after a start, or until the first success, failures do not count, and it is asked every second."
                ),
                .optional(
                    "interval", .seconds(0.1...86_400), default: 10, "From the end of one probe to the next."),
                .optional("timeout", .seconds(0.05...3600), default: 5, "The longest a probe may take."),
                .optional(
                    "retries", .integer(1...1000), default: 3,
                    "So many failures in a row make it unhealthy: it is ended, and 'restart' decides."),
            ])
    }
}

extension HealthCheck.HTTPProbe: SchemaProviding {
    public static var schemaName: String { "HTTPProbe" }
    public static var schema: Schema {
        .object(
            "A GET, whose answer is not read beyond its head; redirects are not followed.",
            [
                .optional("path", .string(1...2048), default: "/"),
                .optional(
                    "port", .integer(1...65535),
                    "The port the task listens on; the first of 'ports' if left out."),
                .optional(
                    "status", .array(.integer(100...599), count: 0...100), default: [],
                    "The statuses that are good; 200 to 299 if left out."),
                .optional("headers", .map(of: .string(0...4096), maximumCount: 50), default: [:]),
            ])
    }
}

extension HealthCheck.TCPProbe: SchemaProviding {
    public static var schemaName: String { "TCPProbe" }
    public static var schema: Schema {
        .object(
            "A connection that has to be taken.",
            [
                .optional(
                    "port", .integer(1...65535),
                    "The port the task listens on; the first of 'ports' if left out.")
            ])
    }
}

extension HealthCheck.ExecProbe: SchemaProviding {
    public static var schemaName: String { "ExecProbe" }
    public static var schema: Schema {
        .object(
            "A command that is run inside the task: as its user, in its directory, within its limits.",
            [
                .required(
                    "command", .array(.string(.withoutNUL, length: 0...131_072), count: 1...1000),
                    "The program and its arguments.")
            ])
    }
}

extension Health: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How an attempt that is probed does.",
            [
                .required("state", .values(State.self)),
                .required("reason", .string, "What was found last."),
                .required("since", .string(.timestamp), "Since when it is in this state."),
            ])
    }
}

extension TaskSpec {
    /// What is wrong with its health check: the path of the field, and why.
    func healthFaults() -> [(path: String, message: String)] {
        guard let health else { return [] }
        var faults: [(path: String, message: String)] = []
        let kinds = [
            health.http == nil ? nil : "http", health.tcp == nil ? nil : "tcp",
            health.exec == nil ? nil : "exec",
        ]
        .compactMap { $0 }
        if kinds.isEmpty { faults.append(("health", "needs 'http', 'tcp' or 'exec'")) }
        if kinds.count > 1 {
            faults.append(("health.\(kinds[1])", "excludes '\(kinds[0])': a task has one kind of probe"))
        }
        for (kind, port) in [("http", health.http.map(\.port)), ("tcp", health.tcp.map(\.port))] {
            guard let port, port == nil, !ports.contains(where: { $0.transport == .tcp }) else { continue }
            faults.append(
                ("health.\(kind).port", "must be given, for the task has no TCP 'ports' to take it from"))
        }
        if let http = health.http {
            // What a request line can hold (RFC 9112, section 3).
            if http.path.first != "/" || !http.path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                faults.append(
                    ("health.http.path", "must begin with '/', without spaces and control characters"))
            }
            for (name, value) in http.headers.sorted(by: { $0.key < $1.key }) {
                if name.isEmpty || !name.utf8.allSatisfy(Self.isToken) {
                    faults.append(("health.http.headers", "'\(name)' is no name of a header"))
                } else if ["content-length", "transfer-encoding", "connection"].contains(name.lowercased()) {
                    faults.append(("health.http.headers", "'\(name)' is the client's own to send"))
                }
                if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
                    faults.append(("health.http.headers", "the value of '\(name)' has control characters"))
                }
            }
        }
        if let exec = health.exec, exec.command.first?.isEmpty ?? true {
            faults.append(("health.exec.command", "must begin with a program"))
        }
        return faults
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
