import APIMessages
import Arguments
import Core
import PlatformClients
import Terminal

/// `apollo volume`.
enum VolumeCommand {
    static let command = Command(
        "volume", summary: "Keep directories that outlive the tasks which use them",
        discussion: """
            A volume belongs to a project and is on one node: that on which a task used it first, or the one it was made \
            on. Tasks that use it ('apollo task run --volume NAME:PATH') run there.
            """,
        subcommands: [list, create, inspect, remove])

    private static let handle = ValueType<String>("VOLUME", expecting: "the name of a volume") {
        $0.isEmpty ? nil : $0
    }

    // MARK: ls

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List volumes: where they are, and who uses them", parameters: [],
        examples: [Example("what is kept?", "apollo volume ls")]
    ) { invocation in
        let session = try Session(invocation)
        let volumes = try await session.withClient { try await $0.volumes() }
        try session.output.write(volumes, as: session.format, table)
        return .success
    }

    private static let table = Table<VolumeDescription>([
        Column("NAME") { $0.name }, Column("NODE") { $0.node?.printable },
        Column("USED BY") { $0.tasks.joined(separator: ", ") },
        Column("CREATED") { $0.createdAt.description }, Column("BY") { $0.createdBy },
    ])

    // MARK: create

    private static let name = Parameter.argument(handle, help: "Its name.")
    private static let node = Parameter.option(
        "node", .text("NODE"), help: "The node it is on; that of the first task that uses it unless set.")

    private static let create = Command(
        "create", summary: "Make a volume", parameters: [name, node],
        examples: [
            Example("where it is used first", "apollo volume create data"),
            Example("on one node", "apollo volume create data --node db-1"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let request = VolumeRequest(name: invocation[name], node: invocation[node])
        let volume = try await session.withClient { try await $0.make(request) }
        guard session.format == .table else {
            try session.output.writeJSON(volume)
            return .success
        }
        try session.output.write("\(volume.name)\n")
        return .success
    }

    // MARK: inspect

    private static let one = Parameter.argument(handle, help: "The volume.")

    private static let inspect = Command(
        "inspect", aliases: ["status"], summary: "Show where a volume is, and who uses it",
        parameters: [one], examples: [Example("where is it?", "apollo volume inspect data")]
    ) { invocation in
        let session = try Session(invocation)
        let volume = try await session.withClient { try await $0.volume(invocation[one]) }
        guard session.format == .table else {
            try session.output.writeJSON(volume)
            return .success
        }
        try session.output.write(fields: [
            ("Name", volume.name), ("Project", volume.project),
            ("Node", volume.node?.printable ?? "none yet: that of the first task that uses it"),
            ("Used by", volume.tasks.isEmpty ? nil : volume.tasks.joined(separator: ", ")),
            (
                "Created",
                "\(volume.createdAt) (\(volume.createdAt.duration(to: session.now).short) ago) by \(volume.createdBy)"
            ),
        ])
        return .success
    }

    // MARK: rm

    private static let gone = Parameter.arguments(handle, required: true, help: "The volumes.")
    private static let force = Parameter.flag(
        "force", help: "Forget them also where their node does not answer; what is in them then stays there.")

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Remove volumes with all that is in them",
        discussion: "A volume that a task uses is not removed: stop the task first.",
        parameters: [gone, force], examples: [Example("it is not needed any more", "apollo volume rm data")]
    ) { invocation in
        let session = try Session(invocation)
        for name in invocation[gone] {
            try await session.withClient { try await $0.removeVolume(name, force: invocation[force]) }
            try session.output.write("\(name)\n")
        }
        return .success
    }
}
