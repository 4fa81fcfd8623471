public import Core

/// The settings of the platform.
public enum PlatformSettings {
    public static let dataDirectory = Setting(
        "data.directory", .path, default: defaultDataDirectory,
        described: "/var/lib/apollo for root, else $XDG_DATA_HOME/apollo or ~/.local/share/apollo",
        flag: "data",
        example: "/var/lib/apollo",
        help:
            "Where everything is kept: the database, logs, objects and images. One platform at a time uses it."
    )

    public static let databaseURL = Setting(
        "database.url", .optional(.string), default: { _ in nil }, described: "sqlite:", flag: "database",
        example: "postgres://apollo@db.example/apollo",
        help: """
            Where the platform's state is kept: sqlite: is a file in the data directory; postgres://USER@HOST/DATABASE is a \
            PostgreSQL database, with TLS that verifies the server unless it is on this machine.
            """)
    public static let databasePasswordFile = Setting(
        "database.password.file", .optional(.path), default: nil, example: "/etc/apollo/database.password",
        help:
            "A file with the password for database.url in its first line, readable by Apollo's user alone. Without it PGPASSWORD and ~/.pgpass count."
    )

    public static let httpAddress = Setting(
        "http.address", .string, default: "127.0.0.1", flag: "listen",
        help:
            "The address to listen on, for everything people and programs use. Beyond loopback TLS is required."
    )
    public static let httpPort = Setting(
        "http.port", .port, default: 7070, flag: "port", help: "The port to listen on.")
    public static let tlsMode = Setting(
        "http.tls.mode", .optional(.choice(TLSMode.self)), default: { _ in nil },
        described: "files where http.tls.certificate is set, else off", flag: "tls",
        help: """
            Where the server's certificate comes from: own is one of the platform's own authority, renewed by itself; files \
            are those of http.tls.certificate and http.tls.key; off is plain HTTP, on loopback alone.
            """)
    public static let tlsNames = Setting(
        "http.tls.names", .optional(.string), default: { _ in nil },
        described: "the machine's name and addresses, as far as http.address listens on them",
        flag: "tls-names",
        example: "apollo.example,10.0.0.1",
        help:
            "The names and addresses that clients reach the platform by, with commas between them, for the certificate of http.tls.mode own."
    )
    public static let tlsCertificate = Setting(
        "http.tls.certificate", .optional(.path), default: nil, flag: "tls-certificate",
        example: "/etc/apollo/tls.crt",
        help: "A file of the server's certificate and those up to its authority, in PEM. Needs http.tls.key.")
    public static let tlsKey = Setting(
        "http.tls.key", .optional(.path), default: nil, flag: "tls-key", example: "/etc/apollo/tls.key",
        help: "A file of the private key of http.tls.certificate, in PEM, readable by Apollo's user alone.")

    public static let rpcEnabled = Setting(
        "rpc.enabled", .bool, default: true, help: "Whether programs may call the platform by gRPC.")
    public static let rpcAddress = Setting(
        "rpc.address", .optional(.string), default: { _ in nil }, described: "http.address",
        example: "127.0.0.1",
        help: "The address to listen on for gRPC, with the TLS of HTTP. Beyond loopback TLS is required.")
    public static let rpcPort = Setting(
        "rpc.port", .optional(.port), default: { _ in nil },
        described: "two above http.port: 7072; a free one where http.port is 0", example: "7072",
        help: "The port to listen on for gRPC; 0 for one that is free.")
    public static let rpcKeepAlive = Setting(
        "rpc.keepalive", .duration, default: .seconds(20),
        help: """
            How long a connection of gRPC is quiet before its client is asked for a sign of life. One that gives none for half             as long again is closed, and its calls end.
            """)

    public static let objectsEnabled = Setting(
        "objects.enabled", .bool, default: true, help: "Whether the platform serves its object store, by S3.")
    public static let objectsAddress = Setting(
        "objects.address", .optional(.string), default: { _ in nil }, described: "http.address",
        example: "127.0.0.1",
        help: "The address to listen on for S3, with the TLS of HTTP. Beyond loopback TLS is required.")
    public static let objectsPort = Setting(
        "objects.port", .optional(.port), default: { _ in nil },
        described: "one above http.port: 7071; a free one where http.port is 0", example: "7071",
        help: "The port to listen on for S3; 0 for one that is free.")
    public static let objectsDirectory = Setting(
        "objects.directory", .optional(.path), default: { _ in nil }, described: "objects in data.directory",
        example: "/mnt/objects",
        help:
            "Where the bytes of larger objects are. Of several managers all need the same one, on a file system that they share."
    )

    public static let objectsUploads = Setting(
        "objects.uploads", .duration, default: .seconds(7 * 86400),
        help: "How long an upload in parts may take, after which it is given up; an hour at least.")

    public static let objectsScrub = Setting(
        "objects.scrub", .duration, default: .seconds(7 * 86_400),
        help: "How often all bytes of objects are read and held against their checksums; a second at least.")

    public static let objectsLifecycleDay = Setting(
        "objects.lifecycle_day", .duration, default: .seconds(86_400),
        help: "How long a day of the rules is that objects go by; shorter only to try rules out.")

    public static let imagesEnabled = Setting(
        "images.enabled", .optional(.bool), default: { _ in nil }, described: "objects.enabled",
        example: "false",
        help: "Whether the platform serves its image registry, beside its API.")
    public static let imagesAnonymous = Setting(
        "images.anonymous", .optional(.string), default: { _ in nil }, described: "none",
        example: "public,default",
        help: "The projects, with commas, whose images anybody may pull without a login.")
    public static let imagesQuota = Setting(
        "images.quota", .optional(.bytes), default: { _ in nil }, described: "no limit", example: "50GiB",
        help: "The most that the images of one project have, layers that several share counted once.")
    public static let imagesGrace = Setting(
        "images.grace", .duration, default: .seconds(86400),
        help: """
            How long a layer is kept that no image uses: what a push has brought, and the collection of garbage leaves alone. \
            A minute at least.
            """)
    public static let imagesUploads = Setting(
        "images.uploads", .duration, default: .seconds(86400),
        help: "How long the upload of a layer may take, after which it is given up; a minute at least.")

    public static let managerName = Setting(
        "manager.name", .optional(.string), default: { _ in nil }, described: "the host's name", flag: "name",
        example: "m1", help: "What this manager is called among several: 'apollo node ls --managers'.")
    public static let managerAddress = Setting(
        "manager.address", .optional(.string), default: { _ in nil },
        described: "http.address, or the first of http.tls.names", flag: "advertise",
        example: "https://10.0.0.1:7070",
        help:
            "Where people, workers and other managers reach this one's API. Needed where it listens on all addresses."
    )
    public static let managerLease = Setting(
        "manager.lease", .duration, default: .seconds(5),
        help: """
            Of several managers: how long the one that leads may be silent in the database before another takes over; 1 s to \
            60 s. The same on all.
            """)

    public static let nodesEnabled = Setting(
        "nodes.enabled", .bool, default: false,
        help: "Whether other machines may join 'apollo up' as workers. 'apollo manager' always lets them.")
    public static let nodesPort = Setting(
        "nodes.port", .port, default: 7073, flag: "nodes-port",
        help: "The port on which workers of other machines register, by mutual TLS, at http.address.")
    public static let nodesLease = Setting(
        "nodes.lease", .duration, default: .seconds(15), flag: "lease",
        help: "How long a worker may give no sign of life before its node is lost; 0.5 s at least.")
    public static let nodesGrace = Setting(
        "nodes.grace", .duration, default: .seconds(30),
        help: """
            How long a node may be lost before its tasks are placed elsewhere, unless they say 'stop_after': those wait until \
            their worker has stopped them.
            """)
    public static let nodesPoll = Setting(
        "nodes.poll", .duration, default: .seconds(5),
        help: "How often the machines are asked what they are busy with; 0.2 s to an hour.")
    public static let workerAddress = Setting(
        "worker.address", .string, default: "127.0.0.1", flag: "listen",
        help: "The address on which 'apollo worker' is called by its manager, by mutual TLS.")
    public static let workerPort = Setting(
        "worker.port", .port, default: 7074, flag: "port",
        help: "The port on which 'apollo worker' is called by its manager; 0 for one that is free.")

    public static let workerHTTPAddress = Setting(
        "worker.http.address", .string, default: "127.0.0.1",
        help: """
            The address on which 'apollo worker' answers GET /tasks and /stats over HTTP; beyond loopback by TLS, with the \
            machine's certificate.
            """)
    public static let workerHTTPPort = Setting(
        "worker.http.port", .optional(.port), default: { _ in nil },
        described: "two above worker.port: 7076; a free one where worker.port is 0", example: "7076",
        help: "The port on which it does; 0 for one that is free.")
    public static let busURL = Setting(
        "bus.url", .optional(.string), default: nil, example: "tls://nats.example:4222",
        help: """
            The NATS server over which machines are asked what they are busy with, as nats://HOST:PORT on this machine or \
            tls://HOST:PORT; several with commas between them. The same on managers and workers. Unset, they are asked over the \
            manager's own connections.
            """)
    public static let busPrefix = Setting(
        "bus.prefix", .string, default: "apollo", example: "apollo.berlin",
        help: "What all subjects at the NATS server begin with; the same on all machines of a platform.")
    public static let busTokenFile = Setting(
        "bus.token.file", .optional(.path), default: nil, example: "/etc/apollo/nats.token",
        help: "A file with the token for the NATS server in its first line, readable by Apollo's user alone.")
    public static let busCredentialsFile = Setting(
        "bus.credentials.file", .optional(.path), default: nil, example: "/etc/apollo/nats.creds",
        help: "A file of credentials for the NATS server, as 'nsc' makes them: a user's JWT and its key.")
    public static let busAuthorities = Setting(
        "bus.tls.authorities", .optional(.path), default: { _ in nil }, described: "the system's",
        example: "/etc/apollo/nats-ca.crt",
        help: "A file of the authorities, in PEM, of which one has signed the NATS server's certificate.")
    public static let busCertificate = Setting(
        "bus.tls.certificate", .optional(.path), default: nil, example: "/etc/apollo/nats.crt",
        help: "A file of the certificate, in PEM, that is shown to the NATS server. Needs bus.tls.key.")
    public static let busKey = Setting(
        "bus.tls.key", .optional(.path), default: nil, example: "/etc/apollo/nats.key",
        help: "A file of the private key of bus.tls.certificate, in PEM, readable by Apollo's user alone.")

    public static let nodeAddress = Setting(
        "node.address", .optional(.string), default: { _ in nil },
        described: "the address that the machine is called by", example: "10.0.0.2",
        help: "The IP address by which tasks of other machines reach those of this one.")

    public static let dnsListen = Setting(
        "dns.listen", .optional(.string), default: nil, flag: "dns",
        example: "127.0.0.1:7075,172.17.0.1:53",
        help: """
            Where this machine answers DNS for <job>.apollo.internal, as ADDRESS:PORT, with commas between several; port 0 is \
            one that is free. Unset, it does not.
            """)
    public static let dnsForward = Setting(
        "dns.forward", .string, default: "system", example: "10.0.0.53",
        help: """
            Whom it asks about other names: system is the resolvers of /etc/resolv.conf, off refuses them, else IP addresses, \
            each with a :PORT where it is not 53, with commas between them.
            """)
    public static let dnsTimeToLive = Setting(
        "dns.ttl", .duration, default: .seconds(2),
        help: "How long its answers are good for, in whole seconds, up to an hour.")
    public static let dockerDNS = Setting(
        "docker.dns", .optional(.string), default: nil, example: "172.17.0.1",
        help: """
            The IP addresses that containers have as their resolver, on port 53, with commas between them: one that is in \
            dns.listen, too. Short names are then those of the task's project. Unset, it is the engine's own.
            """)

    public static let dockerSocket = Setting(
        "docker.socket", .optional(.path), default: { _ in nil }, described: "the first that answers",
        flag: "docker-socket",
        example: "/var/run/docker.sock",
        help: """
            The unix socket of the engine that runs containers, Docker or Podman. Where it is not set, the usual places \
            are tried: that of DOCKER_HOST, Docker's own, and Podman's for root or the user.
            """)
    public static let processEnabled = Setting(
        "process.enabled", .bool, default: true, flag: "processes",
        help: "Whether tasks may run executables of this machine, without a container. Administrators only.")

    public static let ociEnabled = Setting(
        "oci.enabled", .bool, default: false,
        help: "Whether images are run without an engine where this machine has runc and Apollo is root.")
    public static let ociNetwork = Setting(
        "oci.network", .choice(OCINetwork.self), default: .host,
        help: "The network of such containers: the machine's, or none but their loopback.")
    public static let ociCredentials = Setting(
        "oci.credentials", .optional(.path), default: nil, example: "/etc/apollo/registries.json",
        help: "A file with names and passwords for registries, as 'docker login' writes it.")
    public static let ociInsecure = Setting(
        "oci.insecure", .optional(.string), default: nil, example: "registry.lab:5000",
        help:
            "Registries that are spoken to without TLS, with commas between them, beside those of this machine."
    )
    public static let ociKeep = Setting(
        "oci.keep", .duration, default: .seconds(30 * 86400),
        help: "How long an image stays on this machine that no task uses.")

    public static let secretsKeyFile = Setting(
        "secrets.key.file", .optional(.path), default: nil, example: "/etc/apollo/secrets.key",
        help: """
            A file with the key that seals secrets, readable by Apollo's user alone. Without it, and without \
            secrets.key.command, it is systemd's credential 'apollo.secrets.key' where there is one, else secrets.key in \
            the data directory, which is made at the first start.
            """)
    public static let secretsKeyCommand = Setting(
        "secrets.key.command", .optional(.string), default: nil,
        example: "vault kv get -field=key apollo/secrets",
        help:
            "A command of the shell that writes the key that seals secrets, run once at the start, for up to 30 s."
    )
    public static let secretsVersions = Setting(
        "secrets.versions", .integer(in: 1...1000), default: 20,
        help:
            "How many versions of each secret are kept; a new one beyond them takes the place of the oldest.")

    public static let logLevel = Setting(
        "log.level", .choice(LogLevel.self), default: .info, flag: "log-level",
        help: "How much the platform says of itself.")
    public static let logFormat = Setting(
        "log.format", .choice(LogFormat.self), default: .human, flag: "log-format",
        help: "How it says it: lines for people, or an object of JSON for each event.")

    public static let tracingEndpoint = Setting(
        "tracing.endpoint", .optional(.url), default: nil, example: "http://127.0.0.1:4318",
        help: "Where traces are sent: a collector that takes OTLP over HTTP. Unset, nothing is traced.")
    public static let tracingSample = Setting(
        "tracing.sample", .fraction, default: 0.01,
        help: """
            The share of the traces begun here that is recorded, from 0 to 1. Those that a caller began are recorded where \
            the caller says so.
            """)

    public static let tasksRetention = Setting(
        "tasks.retention", .duration, default: .seconds(7 * 86400),
        help: "How long tasks that are over are kept, with their logs.")
    public static let tasksKept = Setting(
        "tasks.kept", .integer(in: 0...10_000_000), default: 50_000,
        help: "How many tasks that are over are kept, the newest, whatever their age.")
    public static let tasksAttempts = Setting(
        "tasks.attempts", .integer(in: 1...1000), default: 10,
        help: "How many attempts of a task are kept, with their logs.")
    public static let jobsRetention = Setting(
        "jobs.retention", .duration, default: .seconds(30 * 86400),
        help: "How long jobs that are over are kept, with their tasks.")
    public static let jobsKept = Setting(
        "jobs.kept", .integer(in: 0...1_000_000), default: 1000,
        help: "How many jobs that are over are kept, the newest, whatever their age.")
    public static let jobsRequests = Setting(
        "jobs.requests", .duration, default: .seconds(86400),
        help: "How long the Idempotency-Key of a job is remembered.")
    public static let tasksMaximum = Setting(
        "tasks.maximum", .integer(in: 1...10_000_000), default: 100_000,
        help: "How many tasks that are not over there may be at once; more are refused.")

    public static let logsAttemptSize = Setting(
        "worker.logs.attempt_size", .bytes, default: .mebibytes(64),
        help:
            "The most output kept of one attempt on its machine: the oldest goes first, and who reads is told how much."
    )
    public static let logsMaxSize = Setting(
        "worker.logs.max_size", .bytes, default: .gibibytes(10),
        help: """
            The most output kept of all ended executables of this machine together: that of those that ended first goes first. \
            Containers' output is kept by their engine, as long as the task.
            """)
    public static let logsKeep = Setting(
        "worker.logs.keep", .duration, default: .seconds(7 * 86400),
        help: "How long the output of an executable is kept on its machine after its end.")

    public static let execSessions = Setting(
        "tasks.exec.sessions", .integer(in: 1...10_000), default: 100,
        help: "How many programs may run beside tasks at once, by 'apollo task exec'.")
    public static let execIdle = Setting(
        "tasks.exec.idle", .duration, default: .seconds(3600),
        help: "How long such a program may neither write nor be given anything; then it is ended.")

    public static let schedulerPolicy = Setting(
        "scheduler.policy", .choice(SchedulerPolicy.self), default: .hybrid,
        help: """
            How a node is chosen for a task: hybrid packs and keeps GPUs for those who want them, best-fit packs, spread \
            levels, epvm minimises what raising the load costs, round-robin takes turns.
            """)
    public static let rebalanceEnabled = Setting(
        "rebalance.enabled", .bool, default: false,
        help: """
            Whether tasks are moved to nodes that join or come back, so that all are evenly full: instances of services, while the \
            others do their work, and tasks that are always restarted.
            """)
    public static let rebalanceMoves = Setting(
        "rebalance.moves", .integer(in: 1...1000), default: 2, help: "How many tasks are moved at a time.")
    public static let rebalancePause = Setting(
        "rebalance.pause", .duration, default: .seconds(30),
        help: "How long it waits after a node came, and between moves.")
    public static let nodeLabels = Setting(
        "node.labels", .optional(.string), default: nil, example: "zone=a,disk=ssd",
        help:
            "Labels of this machine for constraints and preferences of tasks, as LABEL=VALUE, with commas between them."
    )

    public static let nodePorts = Setting(
        "node.ports", .string, default: "20000-29999",
        help:
            "The ports of this machine that tasks are given which ask for one without saying which; no other program should use them."
    )

    public static let nodeGPUsPoll = Setting(
        "node.gpus.poll", .duration, default: .seconds(10),
        help: "How often this machine's GPUs are looked at, by nvidia-smi; 0.2 s to an hour.")

    public static let mountsAllowed = Setting(
        "mounts.allowed", .optional(.string), default: nil, example: "/srv/data,/etc/ssl/certs",
        help:
            "Directories and files of this machine that tasks may see by --mount, with commas between them, each with all below it; none unless set. Volumes need none of it."
    )

    public enum SchedulerPolicy: String, CaseIterable, Sendable {
        case hybrid
        case bestFit = "best-fit"
        case spread, epvm
        case roundRobin = "round-robin"
    }

    public static let auditRetention = Setting(
        "audit.retention", .optional(.duration), default: nil, example: "365d",
        help: "How long audit records are kept; for good unless said.")
    public static let loginAge = Setting(
        "identity.login.age", .duration, default: .seconds(30 * 86400),
        help: "How long a login by the command line is good for.")
    public static let sessionAge = Setting(
        "identity.session.age", .duration, default: .seconds(12 * 3600),
        help: "How long a browser stays logged in, whatever it does.")
    public static let sessionIdle = Setting(
        "identity.session.idle", .duration, default: .seconds(3600),
        help: "How long a browser may do nothing before it has to log in again.")
    public static let tokenAge = Setting(
        "identity.token.age", .duration, default: .seconds(365 * 86400),
        help: "The longest a token may be good for.")

    public enum OCINetwork: String, CaseIterable, Sendable { case host, none }
    public enum TLSMode: String, CaseIterable, Sendable { case off, files, own }
    public enum LogLevel: String, CaseIterable, Sendable { case debug, info, warning, error }
    public enum LogFormat: String, CaseIterable, Sendable { case human, json }

    public static let all = Settings([
        dataDirectory, databaseURL, databasePasswordFile, httpAddress, httpPort, tlsMode, tlsNames,
        tlsCertificate, tlsKey, rpcEnabled,
        rpcAddress,
        rpcPort, rpcKeepAlive, objectsEnabled, objectsAddress, objectsPort, objectsDirectory, objectsUploads,
        objectsScrub, objectsLifecycleDay,
        imagesEnabled, imagesAnonymous, imagesQuota, imagesGrace, imagesUploads,
        managerName, managerAddress, managerLease, nodesEnabled,
        nodesPort, nodesLease, nodesGrace, nodesPoll, workerAddress, workerPort, workerHTTPAddress,
        workerHTTPPort, logsAttemptSize, logsMaxSize,
        logsKeep,
        busURL, busPrefix, busTokenFile, busCredentialsFile, busAuthorities, busCertificate, busKey,
        nodeAddress, nodeLabels, nodePorts, nodeGPUsPoll, mountsAllowed, dnsListen,
        dnsForward,
        dnsTimeToLive, dockerDNS, dockerSocket, processEnabled, ociEnabled, ociNetwork, ociCredentials,
        ociInsecure, ociKeep, logLevel,
        logFormat, tracingEndpoint, tracingSample, secretsKeyFile, secretsKeyCommand, secretsVersions,
        tasksRetention, tasksKept, tasksAttempts, tasksMaximum,
        execSessions, execIdle, jobsRetention, jobsKept, jobsRequests, schedulerPolicy, rebalanceEnabled,
        rebalanceMoves, rebalancePause,
        auditRetention, loginAge, sessionAge, sessionIdle, tokenAge,
    ])

    @Sendable private static func defaultDataDirectory(_ host: HostFacts) -> String {
        let system = "/var/lib/apollo"
        return host.isRoot
            ? system : host.directory("XDG_DATA_HOME", else: ".local/share", "apollo") ?? system
    }
}
