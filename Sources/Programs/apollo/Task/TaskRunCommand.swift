import Arguments
import ClusterModel
import Core

/// `apollo task run`.
enum TaskRunCommand {
    /// The runtimes that run images.
    enum ContainerRuntime: String, CaseIterable, Sendable {
        case docker, oci

        var kind: RuntimeKind { self == .docker ? .docker : .oci }
    }

    static let image = Parameter.option("image", .text("IMAGE"), help: "Run a container of this image.")
    static let runtime = Parameter.option(
        "runtime", .choice(ContainerRuntime.self, "RUNTIME"),
        help: "What runs the image: a container engine, or Apollo itself by runc.")
    static let executable = Parameter.option(
        "exec", .path.named("PROGRAM"), help: "Run this executable of the machine. Administrators only.")
    static let name = Parameter.option(
        "name", short: "n", .text("NAME"), help: "A name of your own; made of what runs if left out.")
    static let detach = Parameter.flag(
        "detach", short: "d", help: "Print the name and return as soon as the task is stored.")
    static let pull = Parameter.option(
        "pull", .choice(PullPolicy.self, "WHEN"), default: .missing, help: "When to fetch the image.")
    static let entrypoint = Parameter.option(
        "entrypoint", .text("PROGRAM"), help: "Take the place of the image's entry point.")

    static let cpu = Parameter.option(
        "cpu", .number("CORES", in: 0.001...4096), help: "The most processor time: 0.5 is half a core.")
    static let memory = Parameter.option(
        "memory", short: "m", .byteCount,
        help: "The most memory; a task that takes more is killed and says so.")
    static let disk = Parameter.option(
        "disk", .byteCount,
        help:
            "The most on disk: in the container's own layer, or in the process's own directory; a task that has more is ended and says so."
    )
    static let gpus = Parameter.option(
        "gpus", .integer("N", in: 1...1024 as ClosedRange<Int>),
        help: "So many GPUs of its machine, for it alone.")
    static let processes = Parameter.option(
        "processes", .integer("N", in: 1...4_194_304 as ClosedRange<Int64>),
        help: "The most processes and threads at once.")
    static let timeout = Parameter.option("timeout", .duration, help: "The longest an attempt may run.")
    static let startWithin = Parameter.option(
        "start-within", .duration, help: "How long it may wait for its first start; later it has failed.")
    static let finishWithin = Parameter.option(
        "finish-within", .duration,
        help: "How long until it must be over, waits and restarts included; later it is ended and has failed."
    )

    static let environment = Parameter.repeated(
        "env", short: "e", .text("NAME=VALUE"),
        help: "An environment variable; NAME alone takes the value it has here.")
    static let mount = Parameter.repeated(
        "mount", short: "v", TaskArguments.mount, help: "A file or directory of the machine inside the task.")
    static let secret = Parameter.repeated(
        "secret", TaskArguments.secret,
        help: "A secret as a file: NAME in $APOLLO_SECRETS_DIR, unless PATH says where.")
    static let secretVariable = Parameter.repeated(
        "secret-env", TaskArguments.secretVariable,
        help: "A secret as an environment variable; files are safer.")
    static let volume = Parameter.repeated(
        "volume", TaskArguments.volume,
        help:
            "A volume of the project inside the task, made where there is none; a process finds it in APOLLO_VOLUME_NAME, too."
    )
    static let port = Parameter.repeated(
        "port", short: "p", TaskArguments.port,
        help:
            "Reach a port of the task through the machine: on loopback, and on one that is chosen of the machine's node.ports, unless said."
    )
    static let workingDirectory = Parameter.option(
        "workdir", short: "w", .text("DIRECTORY"), help: "Where the command starts.")
    static let user = Parameter.option(
        "user", short: "u", .text("USER"), help: "Whom to run as: name, uid or uid:gid.")
    static let label = Parameter.repeated("label", short: "l", .keyValue, help: "A mark of your own.")

    static let constraint = Parameter.repeated(
        "constraint", TaskArguments.condition,
        help: "What its node must be: zone=a,b, disk!=hdd, gpu for a label with any value, !spot for none.")
    static let preference = Parameter.repeated(
        "prefer", TaskArguments.preference,
        help: "What its node should rather be, from -100 to 100; 50 unless said.")

    static let group = Parameter.option(
        "group", .text("GROUP"), help: "What of the project it belongs to, for --spread and --apart.")
    static let spread = Parameter.option(
        "spread", TaskArguments.spread,
        help:
            "Go evenly over the values of this label, with its group: zone, or zone:1 to wait rather than differ by more."
    )
    static let apart = Parameter.flag("apart", help: "Keep off machines that have another of its group.")

    static let restart = Parameter.option(
        "restart", TaskArguments.restart, default: RestartPolicy(),
        help: "What happens when it ends by itself: never, on-failure[:N], always[:N], unless-stopped[:N].")
    static let restartWait = Parameter.option(
        "restart-wait", .duration, help: "The wait before the first restart; 500ms unless said.")
    static let restartFactor = Parameter.option(
        "restart-factor", .number("FACTOR", in: 1...100),
        help: "How much longer each next wait is; 2 unless said.")
    static let restartMaximumWait = Parameter.option(
        "restart-max-wait", .duration, help: "The longest wait; 60s unless said.")
    static let restartWindow = Parameter.option(
        "restart-window", .duration,
        help: "A run of at least this long forgets the restarts before it: for the wait, and for N.")
    static let restartSameNode = Parameter.option(
        "restart-same-node", .integer("N", in: 0...1_000_000),
        help:
            "So many restarts after failures in a row are on the same machine, then it goes elsewhere; 2 unless said."
    )
    static let onDisconnect = Parameter.option(
        "on-disconnect", TaskArguments.onDisconnect, default: TaskArguments.OnDisconnect(),
        help: "When its machine is cut off: keep it running, or stop_after[:DURATION] and never run it twice."
    )
    static let stopGrace = Parameter.option(
        "stop-grace", .duration, default: .seconds(10),
        help: "How long a stop waits between SIGTERM and SIGKILL.")
    static let priority = Parameter.option(
        "priority", .integer("N", in: -1000...1000), default: 0,
        help: "Who goes first when room is short: higher wins.")
    static let words = Parameter.rest(
        "COMMAND", help: "What to run, with its arguments; everything after -- is its own.")

    static let command = Command(
        "run", summary: "Run a container or an executable",
        discussion: """
            In the foreground the task's output is printed as it comes and its exit code becomes that of this command; \
            Ctrl-C stops the task. With --detach the command returns as soon as the task is stored: from then on it is \
            not lost, not even if Apollo is killed.

            Without --image and --exec the first word of COMMAND is the executable.
            """,
        parameters: [image, runtime, executable, name, detach, pull, entrypoint, words],
        groups: [
            ParameterGroup(
                "Limits", [cpu, memory, disk, gpus, processes, timeout, startWithin, finishWithin]),
            ParameterGroup(
                "Surroundings",
                [environment, secret, secretVariable, mount, volume, port, workingDirectory, user, label]),
            ParameterGroup("Place", [constraint, preference, group, spread, apart]),
            ParameterGroup("Health", HealthArguments.parameters),
            ParameterGroup(
                "Life",
                [
                    restart, restartWait, restartFactor, restartMaximumWait, restartWindow, restartSameNode,
                    onDisconnect, stopGrace, priority,
                ]),
        ],
        usage: "[options] [--image IMAGE | --exec PROGRAM] [--] [COMMAND...]",
        examples: [
            Example("a container", "apollo task run --image busybox -- echo hello"),
            Example("an executable of this machine", "apollo task run --exec /usr/bin/sort -- /etc/hostname"),
            Example(
                "a service with a limit, started again when it fails",
                "apollo task run -d --name web --image nginx --port 8080:80 --memory 128Mi --restart on-failure"
            ),
            Example(
                "a server that is started again when it does not answer any more",
                "apollo task run -d --name web --image nginx -p 80 --health-http / --restart always"),
        ],
        seeAlso: ["apollo task logs", "apollo task stop"]
    ) { invocation in
        let session = try Session(invocation)
        let request = try TaskArguments.request(invocation, variables: session.variables)
        return try await TaskRunner(session: session, detach: invocation[detach]).run(request)
    }
}
