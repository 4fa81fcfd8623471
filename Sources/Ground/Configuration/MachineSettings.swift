public import Core

// Managers, workers, what lies between them, and what a machine runs tasks by.
extension PlatformSettings {
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
    public static let ociCache = Setting(
        "oci.cache", .bytes, default: .gibibytes(64),
        help: """
            The most that unpacked images take on this machine: above it those go that were used longest ago, but for those of \
            containers that are there.
            """)
    public static let ociImageSize = Setting(
        "oci.image.size", .bytes, default: .gibibytes(32),
        help: "The most that an image may unpack to, all of its layers together; more is refused.")
    public static let ociImageFiles = Setting(
        "oci.image.files", .integer(in: 1...100_000_000), default: 2_000_000,
        help:
            "The most files and folders that an image may have, all of its layers together; more is refused."
    )
    public static let ociUsers = Setting(
        "oci.userns", .choice(OCIUsers.self), default: .auto,
        help: """
            Whose users are those of such containers: auto gives each users of its own by a user namespace, so that its root is \
            nobody on the machine, or the machine's users where it cannot; always refuses then; host gives all the machine's.
            """)
    public static let ociSubordinates = Setting(
        "oci.subids", .optional(.string), default: nil, example: "300000:6553600",
        help: """
            The users and groups of the machine that stand behind those of containers, 65536 for each container: FIRST:COUNT, or the \
            name of a user who has them in /etc/subuid and /etc/subgid. Unset, 1879048192:268304384, which nobody else has.
            """)

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

    public enum OCINetwork: String, CaseIterable, Sendable { case host, none }
    public enum OCIUsers: String, CaseIterable, Sendable { case auto, always, host }
}
