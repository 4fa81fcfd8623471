import ClusterModel
import Core
import HTML
import HTTPModel
import Pages

/// `/nodes/{node}`: one machine, what it has, and what of it is taken.
struct NodePage {
    let context: PageContext
    let node: Node

    func response() -> HTTPResponse {
        context.layout(node.name).page([
            .element(.h1, [], [Fragment(node.name)]),
            Parts.live(
                "node",
                [
                    Parts.facts([
                        ("State", Parts.state(node.state.rawValue)), ("CPU", Self.cpu(node)),
                        ("Memory", Self.memory(node)),
                        ("Disk", Fragment("\(node.allocated.disk) of \(node.capacity.disk)")),
                        ("Tasks", Fragment("\(node.allocated.tasks) of \(node.capacity.tasks)")),
                        ("Architecture", Fragment(node.architecture)),
                        ("System", Fragment(node.operatingSystem)), ("Apollo", Fragment(node.version)),
                        (
                            "Labels",
                            node.labels.isEmpty
                                ? nil
                                : Fragment(
                                    node.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                                        .joined(separator: ", "))
                        ),
                        (
                            "GPUs",
                            node.capacity.gpus == 0
                                ? nil
                                : Fragment(
                                    "\(node.allocated.gpus) of \(node.capacity.gpus): "
                                        + (node.gpus ?? []).map { "\($0.index) \($0.name)" }.joined(
                                            separator: ", "))
                        ), ("Joined", Parts.age(node.registeredAt, now: context.now)),
                    ]), .element(.h2, [], ["Runtimes"]),
                    Parts.facts(
                        node.runtimes.map { runtime in
                            (
                                runtime.kind.rawValue,
                                Fragment([
                                    Parts.state(runtime.isAvailable ? "ready" : "bad"), " ",
                                    Fragment(runtime.detail),
                                ])
                            )
                        }),
                ]),
        ])
    }

    static func cpu(_ node: Node) -> Fragment {
        Parts.share(
            "\(cores(node.allocated.cpuMillis)) of \(cores(node.capacity.cpuMillis))",
            used: Double(node.allocated.cpuMillis), of: Double(node.capacity.cpuMillis), label: "CPU")
    }

    static func memory(_ node: Node) -> Fragment {
        Parts.share(
            "\(node.allocated.memory) of \(node.capacity.memory)", used: Double(node.allocated.memory.bytes),
            of: Double(node.capacity.memory.bytes), label: "memory")
    }

    static func runtimes(_ node: Node) -> String {
        node.runtimes.filter(\.isAvailable).map { "\($0.kind.rawValue) (\($0.detail))" }.joined(
            separator: ", ")
    }

    private static func cores(_ millis: Int64) -> String {
        millis % 1000 == 0 ? "\(millis / 1000)" : "\(Double(millis) / 1000)"
    }
}
