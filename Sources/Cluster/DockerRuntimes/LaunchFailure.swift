import ClusterModel
import TaskRuntimes

/// Says what an engine's words about a failed start mean. The API has no codes for it: the words are those of dockerd, of
/// containerd and of runc or crun below it, as they are in Docker 20.10 to 27 and Podman 4.
struct LaunchFailure {
    var spec: TaskSpec

    /// Whether the engine has no init to put in front of the command.
    static func lacksInit(_ failure: EngineFailure) -> Bool {
        guard case .refused(_, let message) = failure else { return false }
        return message.contains("docker-init") || message.contains("container-init binary")
            || message.contains("catatonit")
    }

    func meaning(of failure: EngineFailure) -> EngineFailure {
        guard case .refused(let status, let message) = failure else { return failure }
        guard let error = meaning(message) else {
            // The engine says by 400 that the request is at fault.
            return status == 400
                ? .known(.rejected("the engine refuses the container: \(message)", hint: nil)) : failure
        }
        return .known(error)
    }

    private func meaning(_ message: String) -> RuntimeError? {
        func says(_ phrases: String...) -> Bool { phrases.contains { message.contains($0) } }
        if says("executable file not found", "stat ") && says("exec: ") || says("executable file `") {
            return notFound(command(in: message) ?? spec.command.first ?? "", unusable: nil)
        }
        if says("exec: "), says("permission denied") {
            let name = command(in: message) ?? spec.command.first ?? ""
            return notFound(name, unusable: name)
        }
        if says("address already in use", "port is already allocated") {
            let named = ports(in: message)
            if named.count == 1, let port = named.first { return .portInUse(port) }
            return .exhausted(
                "\(port(in: message)) is in use already",
                hint: "choose another port of the host, or leave it out for a free one")
        }
        if says("cannot assign requested address", "failed to bind host port") {
            return .rejected(
                "\(port(in: message)) cannot be published: the address is not one of this machine",
                hint: "use 127.0.0.1, 0.0.0.0 or an address of this machine")
        }
        if says("bind source path does not exist", "not a directory: unknown: Are you trying to mount") {
            return .rejected(
                "a mount cannot be used: \(message)", hint: "check that it exists, and is the same kind")
        }
        if says("unable to find user", "no matching entries in passwd", "unable to find group") {
            return .rejected(
                "user '\(spec.user ?? "")' is not known in image '\(spec.image ?? "")'",
                hint: "use a name from the image's /etc/passwd, or numbers: uid:gid")
        }
        if says("could not select device driver", "nvidia") {
            return .rejected(
                "the engine cannot give GPUs to containers: \(message)",
                hint: "install the NVIDIA container toolkit, or ask for no GPU")
        }
        if says("memory limit too low", "Minimum memory limit") {
            return .rejected(
                "the memory limit is too low for a container: \(message)", hint: "allow at least 6Mi")
        }
        if says("Conflict. The container name") { return nil }
        if says("No such image") {
            return .unavailable("image '\(spec.image ?? "")' was removed during the start", hint: "try again")
        }
        if says("no space left on device") {
            return .exhausted(
                "the engine's disk is full",
                hint: "remove what is not needed, for example with docker system prune")
        }
        if says("network bridge", "could not find bridge", "all predefined address pools") {
            return .unavailable("the engine's network does not work: \(message)", hint: "restart the engine")
        }
        return nil
    }

    /// A command that cannot be run: absent, or at `unusable` but no program.
    func notFound(_ command: String, unusable: String?) -> RuntimeError {
        let image = spec.image ?? ""
        if let unusable {
            return .rejected(
                "'\(unusable)' in image '\(image)' is not an executable file",
                hint: "check its mode, or run it with its interpreter")
        }
        return .rejected(
            "command '\(command)' was not found in image '\(image)'",
            hint: "check its spelling, and that the image holds it; a line for the shell needs sh -c '…'")
    }

    /// The word between the quotation marks after `exec: `.
    private func command(in message: String) -> String? {
        guard let start = message.firstRange(of: "exec: \"")?.upperBound,
            let end = message[start...].firstIndex(of: "\"")
        else { return nil }
        return String(message[start..<end])
    }

    /// The port of the specification that the message names, or all of them.
    private func port(in message: String) -> String {
        "port \(ports(in: message).map { "\($0.address):\($0.host ?? 0)" }.joined(separator: ", "))"
    }

    private func ports(in message: String) -> [PortMapping] {
        let fixed = spec.ports.filter { $0.host != nil }
        let named = fixed.filter { message.contains(":\($0.host ?? 0)") }
        return named.isEmpty ? fixed : named
    }
}
