import Arguments
import ClusterModel
import Core
import Scheduling

/// Reads the arguments of `apollo task run` into a request.
enum TaskArguments {
    static let mount = ValueType<Mount>(
        "SOURCE:TARGET[:ro]",
        expecting: "SOURCE:TARGET or SOURCE:TARGET:ro with absolute paths, such as /srv/data:/data:ro"
    ) { text in
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var readOnly = false
        if parts.count == 3, let mode = parts.last, mode == "ro" || mode == "rw" {
            readOnly = mode == "ro"
            parts.removeLast()
        }
        guard parts.count == 2, parts.allSatisfy({ $0.hasPrefix("/") }) else { return nil }
        return Mount(source: parts[0], target: parts[1], readOnly: readOnly)
    }

    static let volume = ValueType<VolumeMount>(
        "NAME[:PATH][:ro]",
        expecting: "NAME, NAME:PATH or NAME:PATH:ro with an absolute path, such as data:/var/lib/db"
    ) { text in
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        var readOnly = false
        if parts.count > 1, let mode = parts.last, mode == "ro" || mode == "rw" {
            readOnly = mode == "ro"
            parts.removeLast()
        }
        guard parts.count <= 2, parts.count == 1 || parts[1].hasPrefix("/") else { return nil }
        return VolumeMount(name: name, target: parts.count == 2 ? parts[1] : nil, readOnly: readOnly)
    }

    static let secret = ValueType<SecretReference>(
        "NAME[:PATH][:VERSION]",
        expecting: "NAME, NAME:PATH, NAME:VERSION or NAME:PATH:VERSION, such as db:/etc/db.pw"
    ) { text in
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        var secret = SecretReference(name: parts.removeFirst())
        if let version = parts.last.flatMap({ Int64($0) }), version > 0 {
            secret.version = version
            parts.removeLast()
        }
        guard parts.count <= 1 else { return nil }
        secret.path = parts.first
        return secret
    }

    static let secretVariable = ValueType<SecretReference>(
        "VARIABLE=NAME[:VERSION]", expecting: "VARIABLE=NAME or VARIABLE=NAME:VERSION, such as PGPASSWORD=db"
    ) { text in
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        let parts = text[text.index(after: equals)...].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        var secret = SecretReference(name: String(parts[0]), environment: String(text[..<equals]))
        if parts.count == 2 {
            guard let version = Int64(parts[1]), version > 0 else { return nil }
            secret.version = version
        }
        return secret
    }

    static let port = ValueType<PortMapping>(
        "[NAME=][ADDRESS:][HOST:]PORT[/udp]",
        expecting: "a port such as 80, 8080:80, 0.0.0.0:8080:80, 53/udp or http=80"
    ) { text in
        let named = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard named.count == 1 || !named[0].isEmpty else { return nil }
        let halves = named[named.count - 1].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2,
            let transport = halves.count == 2 ? PortMapping.Transport(rawValue: String(halves[1])) : .tcp
        else { return nil }
        var parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let container = parts.popLast().flatMap({ UInt16($0) }), container > 0 else { return nil }
        var mapping = PortMapping(
            container: container, transport: transport, name: named.count == 2 ? String(named[0]) : nil)
        if let host = parts.popLast(), !host.isEmpty {
            guard let number = UInt16(host), number > 0 else { return nil }
            mapping.host = number
        }
        if !parts.isEmpty { mapping.address = parts.joined(separator: ":") }
        return mapping.address.isEmpty ? nil : mapping
    }

    /// What becomes of a task on a machine that is cut off.
    struct OnDisconnect: Hashable, Sendable {
        var policy = DisconnectPolicy.keep
        var stopAfter = Seconds(0)
    }

    static let onDisconnect = ValueType<OnDisconnect>(
        "keep|stop_after[:DURATION]", expecting: "keep, stop_after, or stop_after:30s",
        format: {
            $0.stopAfter == Seconds(0) ? $0.policy.rawValue : "\($0.policy.rawValue):\($0.stopAfter.value)s"
        }
    ) { text in
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard let policy = DisconnectPolicy(rawValue: parts[0]) else { return nil }
        guard parts.count == 2 else { return OnDisconnect(policy: policy) }
        guard policy == .stopAfter, let after = Duration(parsing: parts[1]), after <= .seconds(86_400) else {
            return nil
        }
        return OnDisconnect(policy: policy, stopAfter: Seconds(after.inSeconds))
    }

    static let restart = ValueType<RestartPolicy>(
        "POLICY", expecting: "never, on-failure, on-failure:N, always or unless-stopped",
        completion: .choices(RestartPolicy.Mode.allCases.map { Candidate($0.rawValue) }),
        format: { $0.mode.rawValue }
    ) { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let mode = RestartPolicy.Mode(rawValue: String(parts[0])), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return RestartPolicy(mode: mode) }
        guard let attempts = Int(parts[1]), attempts >= 0, mode != .never else { return nil }
        return RestartPolicy(mode: mode, attempts: attempts)
    }

    static let condition = ValueType<Constraint>(
        "CONDITION", expecting: "LABEL=VALUE[,VALUE...], LABEL!=VALUE, LABEL for any value or !LABEL for none"
    ) { text in
        let values = { (text: Substring) in text.split(separator: ",").map(String.init) }
        if text.hasPrefix("!") {
            let label = String(text.dropFirst())
            return label.isEmpty || label.contains("=") ? nil : Constraint(label, .isAbsent)
        }
        guard let equals = text.firstIndex(of: "=") else { return Constraint(text, .exists) }
        let isNot = text[..<equals].hasSuffix("!")
        let label = isNot ? text[..<equals].dropLast() : text[..<equals]
        let list = values(text[text.index(after: equals)...])
        guard !label.isEmpty, !list.isEmpty else { return nil }
        return Constraint(String(label), isNot ? .isNotIn : .isIn, list)
    }

    static let preference = ValueType<Affinity>(
        "CONDITION[:WEIGHT]",
        expecting: "a condition such as disk=ssd, and a weight from -100 to 100 after a colon"
    ) { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let condition = condition.parse(String(parts[0])) else { return nil }
        guard let weight = parts.count == 2 ? Int(parts[1]) : 50, Affinity.weights.contains(weight) else {
            return nil
        }
        return Affinity(condition, weight: weight)
    }

    static let spread = ValueType<SpreadRule>(
        "LABEL[:SKEW]",
        expecting: "a label of the nodes such as zone, and after a colon the greatest difference",
        format: \.description
    ) { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let label = parts.first, !label.isEmpty, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return SpreadRule(over: String(label)) }
        guard let skew = Int(parts[1]), (1...10_000).contains(skew) else { return nil }
        return SpreadRule(over: String(label), maximumSkew: skew)
    }

    static func request(_ invocation: Invocation, variables: [String: String]) throws -> TaskRequest {
        typealias Run = TaskRunCommand
        var spec = TaskSpec(
            image: invocation[Run.image], executable: invocation[Run.executable],
            requestedRuntime: invocation[Run.runtime]?.kind)
        spec.command = invocation[Run.words]
        if spec.image != nil, spec.executable != nil {
            throw invocation.usageError(
                "--image and --exec exclude each other", hint: "a task runs one or the other")
        }
        if spec.image == nil, spec.executable == nil {
            guard !spec.command.isEmpty else {
                throw invocation.usageError(
                    "nothing to run", hint: "give --image IMAGE or --exec PROGRAM, or a command after --")
            }
            spec.executable = spec.command.removeFirst()
        }
        if let entrypoint = invocation[Run.entrypoint] { spec.entrypoint = [entrypoint] }
        for text in invocation[Run.environment] {
            let (name, value) = try variable(text, invocation, variables)
            spec.environment[name] = value
        }
        for label in invocation[Run.label] { spec.labels[label.key] = label.value }
        spec.workingDirectory = invocation[Run.workingDirectory]
        spec.user = invocation[Run.user]
        spec.mounts = invocation[Run.mount]
        spec.volumes = invocation[Run.volume]
        spec.secrets = invocation[Run.secret] + invocation[Run.secretVariable]
        spec.ports = invocation[Run.port]
        spec.resources = Resources(
            cpuMillis: invocation[Run.cpu].map { Int64(($0 * 1000).rounded()) },
            memory: invocation[Run.memory], disk: invocation[Run.disk], gpus: invocation[Run.gpus],
            processes: invocation[Run.processes])
        spec.constraints = invocation[Run.constraint]
        spec.affinities = invocation[Run.preference]
        spec.group = invocation[Run.group]
        spec.spread = invocation[Run.spread]
        spec.apart = invocation[Run.apart]
        spec.onDisconnect = invocation[Run.onDisconnect].policy
        spec.stopAfter = invocation[Run.onDisconnect].stopAfter
        spec.restart = try restart(invocation)
        spec.pull = invocation[Run.pull]
        spec.priority = invocation[Run.priority]
        spec.stopGrace = Seconds(invocation[Run.stopGrace].inSeconds)
        spec.timeout = invocation[Run.timeout].map { Seconds($0.inSeconds) }
        spec.startWithin = invocation[Run.startWithin].map { Seconds($0.inSeconds) }
        spec.finishWithin = invocation[Run.finishWithin].map { Seconds($0.inSeconds) }
        spec.health = try HealthArguments.check(invocation)
        return TaskRequest(name: invocation[Run.name], spec: spec)
    }

    /// The policy with its back-off.
    private static func restart(_ invocation: Invocation) throws -> RestartPolicy {
        typealias Run = TaskRunCommand
        var policy = invocation[Run.restart]
        let window = invocation[Run.restartWindow]
        let waits = [invocation[Run.restartWait], invocation[Run.restartMaximumWait], window]
        let isTuned =
            waits.contains { $0 != nil } || invocation[Run.restartFactor] != nil
            || invocation[Run.restartSameNode] != nil
        guard !isTuned || policy.mode != .never else {
            throw invocation.usageError(
                "the --restart-… options need a --restart policy", hint: "give --restart on-failure, for one")
        }
        if let wait = waits[0] { policy.wait = Seconds(wait.inSeconds) }
        if let factor = invocation[Run.restartFactor] { policy.factor = factor }
        if let longest = waits[1] {
            policy.maximumWait = Seconds(longest.inSeconds)
        } else if policy.maximumWait < policy.wait {
            policy.maximumWait = policy.wait  // Nobody has said that it should be shorter.
        }
        policy.window = window.map { Seconds($0.inSeconds) }
        policy.sameNode = invocation[Run.restartSameNode]
        return policy
    }

    private static func variable(
        _ text: String, _ invocation: Invocation, _ variables: [String: String]
    ) throws -> (String, String) {
        guard let equals = text.firstIndex(of: "=") else {
            guard let value = variables[text] else {
                throw invocation.usageError(
                    "--env \(text): no variable of this name is set here", hint: "write --env \(text)=VALUE")
            }
            return (text, value)
        }
        guard equals != text.startIndex else {
            throw invocation.usageError(
                "--env \(text): a variable needs a name", hint: "write --env NAME=VALUE")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
