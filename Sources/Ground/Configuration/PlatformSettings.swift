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
        ociInsecure, ociKeep, ociCache, ociImageSize, ociImageFiles, ociUsers, ociSubordinates, logLevel,
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
