import ClusterModel
import Core
import Managers
import Terminal

// What a person sees of the platform's begin and end.
extension PlatformProcess {
    /// Said when the platform can be used.
    func welcome(
        _ address: String, _ data: DataDirectory, _ manager: Manager, _ names: NameService?
    ) throws {
        let runtimes = manager.nodes().flatMap(\.runtimes)
        var fields: [(name: String, text: String?)] = [
            ("API", address), ("Data", data.path), ("Token", data.token + " (yours alone)"),
        ]
        if let names { fields.append(("DNS", names.text)) }
        for runtime in runtimes {
            let text = runtime.isAvailable ? runtime.detail : "none: \(runtime.detail)"
            fields.append((runtime.kind.title, text))
        }
        let adopted = manager.counts().filter { !$0.key.isFinal }.values.reduce(0, +)
        if adopted > 0 { fields.append(("Tasks", "\(adopted) taken over")) }
        try output.write("Apollo \(VersionCommand.version) is up\n")
        try output.write(fields: fields)
        let next =
            switch scope {
            case .whole: "Try: apollo task run --exec /bin/echo -- hello"
            case .manager:
                "Next: 'apollo node token create' here, then 'apollo worker --join TOKEN@ADDRESS' on other machines"
            case .registry:
                "Next: docker login \(Self.host(address)); docker push \(Self.host(address))/NAME"
            case .objects:
                "Next: 'apollo blob mkbucket NAME', or 'apollo blob creds create NOTE' for other S3 clients, both with --data \(data.path)"
            }
        try output.write(next + "\n")
    }

    private static func host(_ address: String) -> Substring {
        address.drop { $0 != "/" }.drop { $0 == "/" }
    }

    /// Said when it has ended.
    func farewell(_ reason: String, _ manager: Manager) throws {
        let running = manager.counts().filter { $0.key == .running || $0.key == .stopping }.values.reduce(
            0, +)
        let tasks =
            running == 0
            ? ""
            : "; \(running) \(running == 1 ? "task runs" : "tasks run") on and will be taken over by the next 'apollo up'"
        try output.write("Apollo is down (\(reason))\(tasks)\n")
    }
}
