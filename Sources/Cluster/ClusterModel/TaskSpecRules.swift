public import Core
import Scheduling

extension TaskSpec {
    /// What the schema cannot say: fields that exclude or need one another.
    public func faults() -> [FieldError] {
        var faults: [FieldError] = []
        func fault(_ path: String, _ message: String) {
            faults.append(FieldError(path: path, message: message))
        }
        switch (image, executable) {
        case (nil, nil): fault("image", "give an 'image' to run a container, or an 'executable' of the host")
        case (.some, .some): fault("executable", "a task runs an 'image' or an 'executable', not both")
        case (let image?, nil):
            if let message = Self.fault(ofImage: image) { fault("image", message) }
            if let requestedRuntime, !requestedRuntime.runsImages {
                fault(
                    "runtime",
                    "'\(requestedRuntime.rawValue)' runs executables of the host; an image needs another")
            }
        case (nil, .some):
            if !entrypoint.isEmpty {
                fault("entrypoint", "is for containers; name the program as 'executable'")
            }
            if let requestedRuntime, requestedRuntime.runsImages {
                fault("runtime", "'\(requestedRuntime.rawValue)' runs images; an executable needs none named")
            }
        }
        for (index, mount) in mounts.enumerated()
        where mounts[..<index].contains(where: { $0.target == mount.target }) {
            fault("mounts[\(index)].target", "'\(mount.target)' is the target of another mount already")
        }
        for (index, port) in ports.enumerated() {
            let isTwice = ports[..<index].contains {
                $0.container == port.container && $0.transport == port.transport
            }
            if isTwice {
                fault("ports[\(index)].container", "\(port.container)/\(port.transport) is given twice")
            }
            if let host = port.host,
                ports[..<index].contains(where: { $0.host == host && $0.transport == port.transport })
            {
                fault("ports[\(index)].host", "\(host)/\(port.transport) is given twice")
            }
            if let name = port.name, ports[..<index].contains(where: { $0.name == name }) {
                fault("ports[\(index)].name", "'\(name)' is the name of another port already")
            }
        }
        for (path, message) in volumeFaults() + secretFaults() + healthFaults() { fault(path, message) }
        for (index, message) in Constraint.faults(constraints) { fault("constraints[\(index)]", message) }
        for (index, affinity) in affinities.enumerated() {
            for (_, message) in Constraint.faults([affinity.condition]) {
                fault("affinities[\(index)].condition", message)
            }
        }
        if stopAfter.value > 0, onDisconnect != .stopAfter {
            fault("stopAfter", "needs 'onDisconnect' to be 'stop_after'")
        }
        if group != nil, spread == nil, !apart {
            fault("group", "is for 'spread' and 'apart': give one of them, or leave it out")
        }
        if let start = startWithin, let finish = finishWithin, finish < start {
            fault("finishWithin", "must not be shorter than 'startWithin'")
        }
        if restart.maximumWait < restart.wait {
            fault("restart.maximumWait", "must not be shorter than 'wait'")
        }
        return faults
    }

    /// The grammar of references (OCI distribution, and Docker's before it) as far as a mistake can be told from it.
    private static func fault(ofImage image: String) -> String? {
        let allowed = image.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-/:@".utf8.contains(byte)
            }
        }
        guard allowed, let first = image.utf8.first, !"._-/:@".utf8.contains(first), !image.contains("//")
        else {
            return "must be an image reference such as busybox:1.36 or registry.example/team/app@sha256:…"
        }
        let path = image.prefix { $0 != "@" }.split(separator: "/").dropFirst(image.contains("/") ? 1 : 0)
        if path.joined().contains(where: \.isUppercase), !path.joined().contains(":") {
            return "must have a repository in lower case"
        }
        return nil
    }
}
