import Core

extension Diagnosis {
    static func database(_ state: MachineFacts.DatabaseState) -> [Finding] {
        switch state {
        case .unusable(let reason, let fix):
            return [
                Finding(
                    "database", .problem, reason,
                    meaning:
                        "'apollo up' cannot start; a platform that runs stores nothing until it is back.",
                    fix: fix)
            ]
        case .usable(let server): return [schema(of: server)] + disk(of: server) + latency(of: server)
        }
    }

    private static func schema(of server: MachineFacts.Server) -> Finding {
        let place = "\(server.place), PostgreSQL \(server.version)"
        let newer = server.schema.filter { $0.value > server.known[$0.key] ?? 0 }.sorted { $0.key < $1.key }
        guard newer.isEmpty else {
            let parts = newer.map { part in
                let known = server.known[part.key].map { "up to \($0)" } ?? "none"
                return "\(part.key) \(part.value) (known: \(known))"
            }
            return Finding(
                "database", .problem,
                "\(place): its schema is newer than this program: \(parts.joined(separator: ", "))",
                meaning: "This program refuses it, so that it cannot damage what it does not know.",
                fix: "use the newer program, or restore a dump from before the upgrade")
        }
        if server.schema.isEmpty { return .ok("database", "\(place), empty; 'apollo up' makes the schema") }
        let isOlder = server.known.contains { $0.value > server.schema[$0.key] ?? 0 }
        return .ok(
            "database",
            place + (isOlder ? "; 'apollo up' brings its schema up to date" : ", schema up to date"))
    }

    private static func disk(of server: MachineFacts.Server) -> [Finding] {
        guard !server.waitsForDisk else { return [] }
        return [
            Finding(
                "database", .warning, "the server does not wait for its disk (fsync = off)",
                meaning: "What was acknowledged may be lost, and the database damaged, when its power fails.",
                fix: "ALTER SYSTEM SET fsync = on")
        ]
    }

    private static func latency(of server: MachineFacts.Server) -> [Finding] {
        guard server.latency > .milliseconds(20) else { return [] }
        return [
            Finding(
                "database", .warning, "the server takes \(server.latency.short) to answer",
                meaning: "Every statement of a change waits that long.",
                fix: "keep the server near the machines of the managers")
        ]
    }
}
