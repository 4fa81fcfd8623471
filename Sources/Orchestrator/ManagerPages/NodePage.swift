import ClusterModel
import Core
import HTML
import HTTPModel
import Managers
import Pages

/// `/nodes/{node}`: one machine, what it has, and what of it is taken.
struct NodePage {
    let context: PageContext
    let node: Node

    func response() -> HTTPResponse {
        context.layout(node.name, hasFigures: true).page([
            .element(.h1, [], [Fragment(node.name)]),
            Parts.live(
                "node",
                [
                    Parts.facts(
                        [
                            ("State", Parts.state(node.state.rawValue)),
                            ("Reason", node.reason.map { Fragment($0) }),
                            ("CPU", Self.cpu(node)),
                            ("Memory", Self.memory(node)),
                            ("Disk", Fragment("\(node.allocated.disk) of \(node.capacity.disk)")),
                            ("Busy", Self.busy(node)), ("Memory in use", Self.memoryInUse(node)),
                            ("Disk in use", Self.diskInUse(node)), ("Load", Self.load(node)),
                            (
                                "As of",
                                node.metrics.map {
                                    Fragment([Parts.age($0.takenAt, now: context.now), " ago"])
                                }
                            ),
                            (
                                "Not said",
                                node.state == .lost ? nil : node.metricsProblem.map { Fragment($0) }
                            ),
                            ("Tasks", Fragment("\(node.allocated.tasks) of \(node.capacity.tasks)")),
                            ("Architecture", Fragment(node.architecture)),
                            ("System", Fragment(node.operatingSystem)), ("Apollo", Fragment(node.version)),
                            ("Joined", Parts.age(node.registeredAt, now: context.now)),
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
                                    ? nil : Fragment("\(node.allocated.gpus) of \(node.capacity.gpus)")
                            ),
                        ] + (node.gpus ?? []).map { ("GPU \($0.index)", gpu($0)) }),
                    .element(.h2, [], ["Runtimes"]),
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
            Parts.live("volumes", volumes()),
        ])
    }

    /// The project's volumes that are on it, for who may see them.
    private func volumes() -> [Fragment] {
        guard context.mayListVolumes else { return [] }
        let here = context.manager.volumes(in: context.project).filter { $0.volume.node == node.id }
        guard !here.isEmpty else { return [] }
        return [
            .element(.h2, [], [Fragment("Volumes of \(context.project)")]),
            Parts.table(
                "Volumes", columns: [("Name", ""), ("Made", "number"), ("Used by", "")],
                rows: here.map { view in
                    .element(
                        .tr, [.data(.key, "volume-\(view.volume.name)")],
                        [
                            .element(.td, [.class("name")], [Fragment(view.volume.name)]),
                            .element(
                                .td, [.class("number")],
                                [Parts.age(view.volume.createdAt, now: context.now)]),
                            .element(.td, [], [users(view)]),
                        ])
                }),
        ]
    }

    private func users(_ view: VolumeView) -> Fragment {
        guard !view.users.isEmpty else { return "no task" }
        return Fragment(
            view.users.enumerated().flatMap { index, name -> [Fragment] in
                let path = SitePath(segments: ["tasks", context.project, name])
                return (index == 0 ? [] : [", "]) + [.element(.a, [.href(path)], [Fragment(name)])]
            })
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

    /// What it said last of its processors.
    static func busy(_ node: Node) -> Fragment? {
        node.metrics.map {
            Parts.share(percent($0.cpuBusy), used: $0.cpuBusy, of: 1, label: "CPU that is busy")
        }
    }

    private static func memoryInUse(_ node: Node) -> Fragment? {
        node.metrics.map {
            Parts.share(
                "\($0.memoryUsed) of \($0.memoryTotal)", used: Double($0.memoryUsed.bytes),
                of: Double($0.memoryTotal.bytes), label: "memory in use")
        }
    }

    private static func diskInUse(_ node: Node) -> Fragment? {
        node.metrics.map {
            Parts.share(
                "\($0.diskUsed) of \($0.diskTotal)", used: Double($0.diskUsed.bytes),
                of: Double($0.diskTotal.bytes), label: "disk in use")
        }
    }

    private static func load(_ node: Node) -> Fragment? {
        node.metrics.map { Fragment($0.load.map { "\($0)" }.joined(separator: ", ")) }
    }

    /// One GPU, and what it was busy with last.
    private func gpu(_ gpu: GPU) -> Fragment {
        if gpu.isMissing == true {
            return Fragment([
                Parts.state("lost"), " ",
                Fragment("\(gpu.name), not there any more, and a task still has it"),
            ])
        }
        guard let now = node.metrics?.gpus.first(where: { $0.uuid == gpu.uuid }) else {
            return Fragment("\(gpu.name), \(gpu.memory)")
        }
        let busy = now.busy.map(Self.percent) ?? "?"
        return Parts.share(
            "\(gpu.name): \(busy), \(now.memoryUsed) of \(now.memoryTotal)",
            used: Double(now.memoryUsed.bytes), of: Double(max(1, now.memoryTotal.bytes)),
            label: "memory of the GPU")
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    static func runtimes(_ node: Node) -> String {
        node.runtimes.filter(\.isAvailable).map { "\($0.kind.rawValue) (\($0.detail))" }.joined(
            separator: ", ")
    }

    private static func cores(_ millis: Int64) -> String {
        millis % 1000 == 0 ? "\(millis / 1000)" : "\(Double(millis) / 1000)"
    }
}
