// swift-tools-version: 6.2; // lint:allow file-length one list of all targets, which everyone looks up here
import PackageDescription

// One idea per target, wide and shallow: see CONTRIBUTING.md, "What keeps the build quick".

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A Swift module `name` in `Sources/<layer>/<name>`; `protos` are files that Swift is made of beforehand, by `scripts/protoc`.
func module(
    _ layer: String, _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = [],
    protos: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", exclude: protos,
        swiftSettings: strict + settings)
}

/// For what every request, or millions of virtual events, run through: overlapping accesses are looked for in debug builds, and so by the tests, but no longer
/// in release builds, where looking took a tenth of a short request.
let hot: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// The tests of module `name`, in `Tests/<layer>/<name>Tests`.
func tests(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(layer)/\(name)Tests", swiftSettings: strict)
}

/// A program in `Sources/Programs/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency], protos: [String] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", exclude: protos,
        swiftSettings: strict)
}

/// Debian's C library `package`, described by `Sources/System/<name>/module.modulemap`.
func library(_ name: String, package: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: package, providers: [.apt([apt])])
}

let system: [Target] = [
    library("CSQLite", package: "sqlite3", apt: "libsqlite3-dev"),
    library("CPQ", package: "libpq", apt: "libpq-dev"),
    library("CSSL", package: "openssl", apt: "libssl-dev"),
    library("CCrypto", package: "libcrypto", apt: "libssl-dev"),
    library("CX509", package: "libcrypto", apt: "libssl-dev"),
    library("CCurl", package: "libcurl", apt: "libcurl4-openssl-dev"),
    library("CArchive", package: "libarchive", apt: "libarchive-dev"),
    library("CArgon2", package: "libargon2", apt: "libargon2-dev"),
    library("CNATS", package: "libnats", apt: "libnats-dev"),
    library("CYAML", package: "yaml-0.1", apt: "libyaml-dev"),
    // Debian ships llhttp as C sources inside node-llhttp; the target includes them where they lie.
    .target(
        name: "CLLHTTP", path: "Sources/System/CLLHTTP",
        cSettings: [
            .unsafeFlags(["-I/usr/share/include/llhttp"]),
            // Without it llhttp skips what follows a chunk's data instead of reading it.
            .define("LLHTTP_STRICT_MODE", to: "1"),
        ]),
    .target(name: "CApollo", path: "Sources/System/CApollo"),
    // Optimised in debug builds too, where it would take fifty times as long.
    .target(name: "CDigests", path: "Sources/System/CDigests", cSettings: [.unsafeFlags(["-O2"])]),
    // gRPC's C core; its operations are unions and macros, which take C to write down.
    .target(
        name: "CGRPC", path: "Sources/System/CGRPC",
        linkerSettings: [.linkedLibrary("grpc"), .linkedLibrary("gpr")]),
]

let ground: [Target] = [
    module("Ground", "Core"),
    module("Ground", "Calendars", ["Core"]),
    module("Ground", "Concurrency", ["Core", "CApollo"]),
    module("Ground", "EventLoops", ["Core", "CApollo"], settings: hot),
    module("Ground", "Networking", ["Core"]),
    module("Ground", "Cgroups"),
    module("Ground", "SocketNetworking", ["CApollo", "Core", "Concurrency", "EventLoops", "Networking"]),
    module("Ground", "DNSModel"),
    module("Ground", "DNSServers", ["Concurrency", "Core", "DNSModel", "Networking"]),
    module("Ground", "Simulation", ["Core", "Concurrency", "Networking"]),
    module("Ground", "Cryptography", ["Core", "CCrypto"]),
    module("Ground", "Files"),
    module("Ground", "Checksums", ["CApollo"]),
    module("Ground", "LaneDigests", ["CDigests", "Concurrency"], settings: hot),
    module("Ground", "TLS", ["Core", "CSSL"]),
    module("Ground", "HTTPModel", ["Core"]),
    module("Ground", "HTTPParser", ["HTTPModel", "CLLHTTP"], settings: hot),
    module(
        "Ground", "HTTPServers", ["Core", "EventLoops", "HTTPModel", "HTTPParser", "TLS"], settings: hot),
    module(
        "Ground", "HTTPRouting", ["Core", "Cryptography", "HTTPModel", "Documents", "Telemetry", "Tracing"]),
    module(
        "Ground", "WebSockets",
        ["Concurrency", "Core", "Cryptography", "HTTPModel", "HTTPRouting"], settings: hot),
    module(
        "Ground", "WebSocketClients",
        ["Core", "Cryptography", "EventLoops", "HTTPModel", "TLS", "WebSockets"]),
    module("Ground", "HTTPClients", ["Core", "Concurrency", "HTTPModel", "Tracing", "CCurl"]),
    module("Ground", "Documents", ["Core"]),
    module("Ground", "YAML", ["Documents", "CYAML"]),
    module("Ground", "Configuration", ["Core", "Documents", "YAML"]),
    module("Ground", "Arguments", ["Core"]),
    module("Ground", "Terminal", ["Core", "Documents", "CApollo"]),
    module("Ground", "Archives", ["Core", "CArchive"]),
    module("Ground", "Backups", ["Archives", "CApollo", "Core", "Cryptography", "Documents"]),
    module("Ground", "Databases", ["Core"]),
    module("Ground", "DatabaseQueues", ["Concurrency", "Core", "Databases"]),
    module("Ground", "SQLiteDatabases", ["Concurrency", "Core", "DatabaseQueues", "Databases", "CSQLite"]),
    module("Ground", "PostgreSQLDatabases", ["Concurrency", "Core", "DatabaseQueues", "Databases", "CPQ"]),
    module("Ground", "Telemetry", ["Concurrency", "Core", "Tracing"]),
    module("Ground", "Buses", ["Core", "Concurrency"]),
    module("Ground", "NATSBuses", ["Buses", "CNATS", "Concurrency", "Core"]),
    module("Ground", "Tracing", ["Core"]),
    module(
        "Ground", "TraceExport", ["Core", "Concurrency", "Documents", "HTTPClients", "HTTPModel", "Tracing"]),
    module("Ground", "Identity", ["Core", "Cryptography"]),
    module("Ground", "Certificates", ["Core", "Cryptography", "Identity", "CX509"]),
    module("Ground", "KeyRings", ["Concurrency", "Core", "Cryptography", "Databases"]),
    module("Ground", "RPCModel", ["Core"]),
    module("Ground", "Protobuf", settings: hot),
    module(
        "Ground", "ProtobufGenerator", ["Protobuf"],
        protos: ["Descriptors/descriptor.proto", "Descriptors/plugin.proto"]),
    module("Ground", "RPC", ["Concurrency", "Core", "RPCModel", "TLS", "CGRPC"], settings: hot),
    module("Ground", "AuditStorage", ["Core", "Databases", "Telemetry"]),
    module(
        "Ground", "APIServers",
        [
            "Concurrency", "Core", "Cryptography", "HTTPModel", "HTTPRouting", "Identity", "Telemetry",
            "Tracing",
        ]),
    module(
        "Ground", "RPCServices",
        [
            "APIServers", "Concurrency", "Core", "Identity", "Protobuf", "RPCModel", "Telemetry", "Tracing",
        ], protos: ["grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto"]),
    module("Ground", "Passwords", ["Concurrency", "Core", "Cryptography", "CArgon2"]),
    module("Ground", "IdentityDecisions", ["Core", "Cryptography", "Identity"]),
    module(
        "Ground", "IdentityStorage", ["Core", "Cryptography", "Databases", "Identity", "IdentityDecisions"]),
    module(
        "Ground", "AccountServices",
        [
            "Concurrency", "Core", "Cryptography", "Identity", "IdentityDecisions", "IdentityStorage",
            "Passwords",
        ]),
    module("Ground", "IdentityMessages", ["Core", "Documents"]),
    module(
        "Ground", "IdentityAPI",
        [
            "APIServers", "AccountServices", "AuditStorage", "Core", "Documents", "HTTPModel", "HTTPRouting",
            "Identity", "IdentityDecisions", "IdentityMessages", "Passwords", "Telemetry",
        ]),
    module(
        "Ground", "IdentityClients",
        ["APIClients", "Documents", "HTTPModel", "IdentityMessages"]),
    module("Ground", "HTML"),
    module("Ground", "Pages", ["Core", "Cryptography", "HTML", "HTTPModel"]),
    module(
        "Ground", "APIClients",
        ["Concurrency", "Core", "Documents", "HTTPClients", "HTTPModel", "HTTPRouting"]),
]

let cluster: [Target] = [
    module("Cluster", "ClusterModel", ["Core", "Documents", "Scheduling"]),
    module("Cluster", "TaskRuntimes", ["Core", "Concurrency", "ClusterModel"]),
    module("Cluster", "Scheduling", settings: hot),
    // What one machine is, has, and is busy with.
    module("Cluster", "Machines", ["CApollo", "Cgroups", "ClusterModel", "Concurrency", "Core"]),
    module(
        "Cluster", "ProcessRuntimes",
        ["Cgroups", "Core", "Concurrency", "ClusterModel", "Files", "TaskRuntimes", "CApollo"]),
    module(
        "Cluster", "DockerRuntimes",
        [
            "Core", "Concurrency", "ClusterModel", "Cryptography", "Documents", "EventLoops", "TaskRuntimes",
            "HTTPClients", "HTTPModel",
        ]),
]

// The object store: buckets and objects as plain values, S3's signatures and messages, the store, its keys, the server.
let objects: [Target] = [
    module("Cluster", "ObjectModel", ["Core"]),
    module("Cluster", "ObjectPolicies", ["Core", "DNSModel", "Documents"]),
    module("Cluster", "S3Signatures", ["Core", "Cryptography", "HTTPModel"], settings: hot),
    module("Cluster", "S3Messages", ["Core", "ObjectModel"], settings: hot),
    module(
        "Cluster", "ObjectStorage",
        [
            "Checksums", "Concurrency", "Core", "Cryptography", "Databases", "Documents", "Files",
            "HTTPModel",
            "KeyRings", "LaneDigests", "ObjectModel",
        ],
        settings: hot),
    module("Cluster", "AccessKeyMessages", ["Core", "Documents"]),
    module(
        "Cluster", "AccessKeys",
        [
            "APIServers", "AccessKeyMessages", "Core", "Cryptography", "Databases", "Documents", "HTTPModel",
            "HTTPRouting", "Identity", "KeyRings",
        ]),
    module(
        "Cluster", "ObjectClients",
        [
            "Checksums", "Concurrency", "Core", "Cryptography", "Documents", "HTTPClients", "HTTPModel",
            "ObjectModel", "S3Messages", "S3Signatures",
        ]),
    module(
        "Cluster", "ObjectTransfers",
        [
            "Checksums", "Concurrency", "Core", "Cryptography", "Files", "HTTPClients", "HTTPModel",
            "ObjectClients", "ObjectModel",
        ]),
    module(
        "Cluster", "ObjectServices",
        [
            "APIServers", "AccessKeyMessages", "AccessKeys", "Checksums", "Core", "Cryptography", "Databases",
            "Documents", "HTTPModel", "HTTPRouting", "Identity", "LaneDigests", "ObjectModel",
            "ObjectPolicies",
            "ObjectStorage", "S3Messages",
            "S3Signatures",
            "Telemetry",
        ], settings: hot),
]

// Container images: references, digests, manifests as plain values.
let images: [Target] = [
    module("Cluster", "ImageModel", ["Cryptography", "Documents"]),
    module(
        "Cluster", "ImageStorage",
        ["Core", "Cryptography", "Databases", "Documents", "ImageModel", "ObjectModel", "ObjectStorage"]),
    module("Cluster", "ImageMessages", ["Documents"]),
    module(
        "Cluster", "ImageFiles",
        ["Archives", "Concurrency", "Core", "Cryptography", "Documents", "Files", "ImageModel"]),
    module(
        "Cluster", "ImageTransfers",
        [
            "Concurrency", "Core", "Documents", "HTTPClients", "HTTPModel", "ImageClients", "ImageFiles",
            "ImageModel",
        ]),
    module(
        "Cluster", "ImageServices",
        [
            "APIServers", "AccountServices", "Core", "Cryptography", "Databases", "Documents", "HTTPModel",
            "HTTPRouting", "Identity", "ImageMessages", "ImageModel", "ImageStorage", "ObjectStorage",
            "S3Signatures", "Telemetry",
        ]),
    module(
        "Cluster", "ImageClients",
        ["Core", "Cryptography", "Documents", "HTTPClients", "HTTPModel", "ImageModel"]),
    module("Cluster", "OCIBundles", ["ClusterModel", "Core", "Documents", "ImageModel"]),
    module(
        "Cluster", "UnpackedImages",
        [
            "Archives", "CApollo", "ClusterModel", "Concurrency", "Core", "Cryptography", "Documents",
            "Files", "HTTPModel", "ImageClients",
            "ImageModel", "TaskRuntimes",
        ]),
    module(
        "Cluster", "OCIRuntimes",
        [
            "CApollo", "ClusterModel", "Concurrency", "Core", "Documents", "Files", "ImageModel",
            "OCIBundles",
            "ProcessRuntimes", "TaskRuntimes", "UnpackedImages", "YAML",
        ]),
]

let orchestrator: [Target] = [
    module("Orchestrator", "TaskDecisions", ["Core", "ClusterModel", "Scheduling"]),
    // What managers and workers on other machines say to each other, and how that is read.
    module(
        "Orchestrator", "NodeMessages",
        [
            "ClusterModel", "Core", "Documents", "Protobuf", "RPCModel", "Scheduling", "TaskDecisions",
            "TaskRuntimes", "Workers",
        ],
        protos: ["worker.proto", "registry.proto"]),
    // Both ends of that: the worker as a service, and a far worker as a connection.
    module(
        "Orchestrator", "NodeServices",
        [
            "ClusterModel", "Concurrency", "Core", "Discovery", "Leases", "NodeMessages", "RPCModel",
            "TaskDecisions", "TaskRuntimes", "Workers",
        ]),
    // Who is there: nodes under leases, and the connections to them.
    module("Orchestrator", "Leases", ["ClusterModel", "Core"]),
    // Which of several managers leads, by a row of the database they share; and that no other writes.
    module("Orchestrator", "LeaderDecisions", ["ClusterModel", "Core"]),
    module(
        "Orchestrator", "Leaders",
        ["ClusterModel", "Concurrency", "Core", "Databases", "LeaderDecisions"]),
    module(
        "Orchestrator", "Registries",
        [
            "Buses", "ClusterModel", "Concurrency", "Core", "Leases", "Managers", "NodeMessages", "NodePolls",
            "NodeServices", "RPCModel", "TaskDecisions", "TaskRuntimes",
        ]),
    // What machines are busy with, asked and answered on a bus.
    module(
        "Orchestrator", "NodePolls",
        ["Buses", "ClusterModel", "Concurrency", "Core", "Documents", "Managers"]),
    module(
        "Orchestrator", "Workers",
        [
            "CApollo", "Core", "Concurrency", "ClusterModel", "HealthDecisions", "Machines", "Scheduling",
            "TaskDecisions", "TaskRuntimes", "Tracing",
        ]),
    // What a worker alone tells over HTTP.
    module(
        "Orchestrator", "WorkerAPI",
        [
            "APIServers", "ClusterModel", "Core", "Documents", "HTTPModel", "HTTPRouting", "Identity",
            "TaskDecisions", "Workers",
        ]),
    // Whether attempts do their work: when they are probed and what that says; and the probes themselves.
    module("Orchestrator", "HealthDecisions", ["ClusterModel", "Core"]),
    module(
        "Orchestrator", "HealthProbes",
        [
            "ClusterModel", "Core", "EventLoops", "HealthDecisions", "HTTPClients", "HTTPModel", "Networking",
            "SocketNetworking", "Workers",
        ]),
    module(
        "Orchestrator", "Managers",
        [
            "Buses", "Core", "Concurrency", "ClusterModel", "Databases", "Documents", "Scheduling",
            "TaskDecisions", "TaskRuntimes", "Workers",
        ]),
    module(
        "Orchestrator", "ManagerPages",
        [
            "APIServers", "ClusterModel", "Core", "Documents", "HTML", "HTTPModel", "HTTPRouting", "Identity",
            "JobModel", "Jobs", "Managers", "Pages", "Scheduling", "TaskDecisions",
        ]),
    module("Orchestrator", "JobModel", ["Calendars", "ClusterModel", "Core", "Documents", "Scheduling"]),
    module("Orchestrator", "JobDecisions", ["Calendars", "ClusterModel", "Core", "JobModel", "Scheduling"]),
    module(
        "Orchestrator", "Jobs",
        [
            "Buses", "Calendars", "ClusterModel", "Concurrency", "Core", "Databases", "Documents",
            "JobDecisions", "JobModel",
            "Managers", "TaskDecisions",
        ]),
    // Where the instances of jobs answer, and what DNS says of it.
    module("Orchestrator", "Discovery", ["ClusterModel", "Core", "DNSModel"]),
    module(
        "Orchestrator", "ServiceDirectories",
        ["ClusterModel", "Concurrency", "Discovery", "JobModel", "Jobs", "Managers"]),
    module("Orchestrator", "APIMessages", ["ClusterModel", "Core", "Documents"]),
    module(
        "Orchestrator", "PlatformClients",
        ["APIClients", "APIMessages", "ClusterModel", "Core", "Documents", "HTTPClients", "HTTPModel"]),
    module(
        "Orchestrator", "ManagerRPC",
        [
            "APIServers", "ClusterModel", "Concurrency", "Core", "Documents", "HTTPRouting", "Identity",
            "ManagerAPI", "Managers", "Protobuf", "RPCModel", "RPCServices", "Scheduling", "TaskRuntimes",
        ], protos: ["apollo/v1/tasks.proto"]),
    module(
        "Orchestrator", "ManagerAPI",
        [
            "APIMessages", "APIServers", "Buses", "Core", "ClusterModel", "Concurrency", "Discovery",
            "Documents", "HTTPModel", "HTTPRouting", "Identity", "JobModel", "Jobs", "Managers",
            "ServiceDirectories", "TaskDecisions", "TaskRuntimes", "Telemetry", "WebSockets", "Workers",
        ]),
]

let platform: [Target] = [
    module("Platform", "AuthorityMessages", ["Core", "Documents"]),
    module(
        "Platform", "Authorities",
        [
            "APIServers", "AuthorityMessages", "Certificates", "Concurrency", "Core", "Cryptography",
            "Databases", "Documents", "HTTPModel", "HTTPRouting", "Identity", "KeyRings",
        ]),
    module(
        "Platform", "AuthorityClients", ["APIClients", "AuthorityMessages", "Core", "Documents", "HTTPModel"]),
    module("Platform", "SecretMessages", ["Core", "Documents"]),
    module(
        "Platform", "Secrets",
        [
            "APIServers", "ClusterModel", "Core", "Databases", "Documents", "HTTPModel", "HTTPRouting",
            "Identity", "KeyRings", "SecretMessages", "TaskRuntimes", "Telemetry",
        ]),
    module(
        "Platform", "SecretClients", ["APIClients", "Core", "Documents", "HTTPModel", "SecretMessages"]),
]

let programs: [Target] = [
    program(
        "apollo",
        [
            "AccessKeyMessages", "AccessKeys", "AccountServices", "APIClients", "APIServers", "Archives",
            "Arguments", "AuditStorage", "Backups",
            "Buses",
            "Calendars",
            "ClusterModel", "Concurrency", "Configuration", "Core", "Databases", "DNSModel", "DNSServers",
            "Diagnostics", "Discovery", "DockerRuntimes", "Documents", "EventLoops", "Files", "HTTPClients",
            "ImageClients", "OCIBundles", "OCIRuntimes", "UnpackedImages",
            "HTTPModel", "HTTPParser", "HTTPRouting", "HTTPServers", "HealthProbes", "Identity", "JobModel",
            "Jobs",
            "Machines", "Managers", "ManagerAPI", "ManagerPages",
            "ManagerRPC", "NodeMessages", "LeaderDecisions", "Leaders", "Leases", "NodePolls", "NodeServices",
            "RPC",
            "RPCModel",
            "RPCServices",
            "Networking", "Registries", "ServiceDirectories", "SocketNetworking", "Authorities",
            "AuthorityClients", "AuthorityMessages", "Certificates",
            "Cryptography", "KeyRings", "NATSBuses", "PlatformClients", "APIMessages", "ProcessRuntimes",
            "PostgreSQLDatabases", "SQLiteDatabases", "Scheduling", "SecretClients", "SecretMessages",
            "Secrets", "TaskDecisions",
            "TaskRuntimes", "Telemetry", "TraceExport", "Tracing", "Terminal", "TLS", "WorkerAPI", "Workers",
            "IdentityAPI", "IdentityClients", "IdentityDecisions", "IdentityMessages", "IdentityStorage",
            "ImageFiles", "ImageMessages", "ImageModel", "ImageServices", "ImageStorage", "ImageTransfers",
            "ObjectClients", "ObjectModel", "ObjectTransfers",
            "ObjectServices",
            "ObjectStorage", "S3Signatures", "Passwords",
            "WebSocketClients", "WebSockets", "YAML",
        ]),
    // The launcher alone: what `apollo launcher` is, for tests and for who wants it small.
    program("apollo-launcher", ["ProcessRuntimes"]),
    // What `apollo doctor` finds: probes that look, rules that judge.
    module(
        "Programs", "Diagnostics",
        [
            "Archives", "CApollo", "Concurrency", "Core", "Cryptography", "DockerRuntimes", "HTTPClients",
            "HTTPModel", "ImageFiles", "OCIRuntimes", "PostgreSQLDatabases", "ProcessRuntimes",
            "SQLiteDatabases",
            "TLS",
        ]),
    // What protoc runs to make Swift of .proto files.
    program("protoc-gen-apollo", ["ProtobufGenerator"]),
    // A cluster of plain values around the real decisions, with faults from a seed.
    module(
        "Programs", "ClusterSimulations",
        [
            "ClusterModel", "Core", "HealthDecisions", "JobDecisions", "JobModel", "Leases", "NodeServices",
            "Scheduling", "Simulation", "TaskDecisions", "Workers",
        ], settings: hot),
    // What every suite of apollo-bench is made of, apart so that it can be tested.
    module("Programs", "Benchmarks", ["CApollo", "Core", "Documents"]),
    program(
        "apollo-bench",
        [
            "APIClients", "APIMessages", "Arguments", "Benchmarks", "ClusterModel", "ClusterSimulations",
            "Concurrency", "Core", "Cryptography", "Databases", "Documents", "EventLoops", "HTTPClients",
            "HTTPModel", "HTTPServers", "Identity", "ImageClients", "ImageFiles", "ImageModel",
            "ImageTransfers",
            "JobModel", "Managers", "ObjectClients", "ObjectTransfers", "PlatformClients",
            "PostgreSQLDatabases",
            "Protobuf", "RPC", "RPCModel", "SQLiteDatabases",
            "Scheduling", "TLS", "TaskDecisions", "TaskRuntimes", "Terminal", "Workers",
        ], protos: ["RPC/report.proto", "RPC/echo.proto"]),
]

/// What several test targets share: a suite that every implementation of a seam has to pass.
func contract(_ layer: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Tests/\(layer)/\(name)",
        swiftSettings: strict)
}

let testSupport: [Target] = [
    // Runs programs on a terminal of the tests' own.
    .target(
        name: "PseudoTerminals", dependencies: ["CApollo", "Concurrency", "Core"],
        path: "Tests/Support/PseudoTerminals",
        swiftSettings: strict),
    // A program with one of everything that the command line modules have, for shells and terminals to run.
    .executableTarget(
        name: "cli-sample",
        dependencies: ["Arguments", "Concurrency", "Configuration", "Core", "Terminal"],
        path: "Tests/Support/cli-sample", swiftSettings: strict),
]

let testTargets: [Target] = [
    // Certificates that the openssl command makes for a test.
    .target(
        name: "CertificateMaking", dependencies: ["TLS"], path: "Tests/Support/CertificateMaking",
        swiftSettings: strict),
    // What tests wait at.
    // A real PostgreSQL server, and what is tested on every kind of database.
    .target(
        name: "TestDatabases",
        dependencies: ["Core", "Databases", "PostgreSQLDatabases", "SQLiteDatabases", "TestServers"],
        path: "Tests/Support/TestDatabases", swiftSettings: strict),
    // Servers that are not ours, which the scripts of the integration tests run.
    .target(name: "TestServers", path: "Tests/Support/TestServers", swiftSettings: strict),
    // What images of tests are made of.
    .target(
        name: "TestImages", dependencies: ["Core"], path: "Tests/Support/TestImages", swiftSettings: strict),
    .target(
        name: "ScriptedRegistries",
        dependencies: ["HTTPModel", "ImageClients", "ImageModel", "UnpackedImages"],
        path: "Tests/Cluster/ScriptedRegistries", swiftSettings: strict),
    .target(name: "Gates", path: "Tests/Support/Gates", swiftSettings: strict),
    .target(
        name: "ScriptedServers", path: "Tests/Support/ScriptedServers", swiftSettings: strict),
    // What every implementation of a seam has to pass; a library, so that each one's tests can run it.
    .target(
        name: "TaskRuntimeContract", dependencies: ["Core", "Concurrency", "ClusterModel", "TaskRuntimes"],
        path: "Tests/Cluster/TaskRuntimeContract", swiftSettings: strict),
    contract("Ground", "NetworkContract", ["Core", "Networking"]),
    tests("Ground", "Core"),
    tests("Ground", "Concurrency", ["Core", "Simulation"]),
    tests("Ground", "EventLoops", ["Core", "Concurrency"]),
    tests("Ground", "Networking"),
    tests(
        "Ground", "SocketNetworking",
        ["Core", "Concurrency", "EventLoops", "NetworkContract", "Networking"]),
    tests("Ground", "Simulation", ["Core", "Concurrency", "Networking", "NetworkContract"]),
    tests("Ground", "Cryptography"),
    tests("Ground", "Checksums"),
    tests("Ground", "LaneDigests", ["Cryptography"]),
    tests("Cluster", "ObjectModel", ["Core"]),
    tests("Cluster", "ObjectPolicies", ["Core"]),
    tests("Cluster", "ImageModel"),
    tests("Cluster", "ImageFiles", ["Archives", "Core", "ImageModel"]),
    tests(
        "Cluster", "ImageStorage",
        ["Concurrency", "Core", "Cryptography", "Databases", "ImageModel", "ObjectStorage", "TestDatabases"]),
    tests(
        "Cluster", "ImageClients",
        ["Concurrency", "Core", "HTTPClients", "HTTPModel", "ImageModel", "ScriptedServers"]),
    tests(
        "Cluster", "ImageTransfers",
        [
            "Concurrency", "Core", "HTTPClients", "ImageClients", "ImageFiles", "ImageModel",
            "ScriptedServers",
        ]),
    tests("Cluster", "OCIBundles", ["ClusterModel", "Core", "Documents", "ImageModel"]),
    tests(
        "Cluster", "UnpackedImages",
        [
            "ClusterModel", "Concurrency", "Core", "ImageModel",
            "ScriptedRegistries",
            "TaskRuntimes", "TestImages",
        ]),
    tests(
        "Cluster", "OCIRuntimes",
        [
            "ClusterModel", "Concurrency", "Core", "Files", "ImageModel",
            "OCIBundles", "ProcessRuntimes", "ScriptedRegistries",
            "TaskRuntimeContract", "TaskRuntimes", "TestImages", "UnpackedImages", "apollo-launcher",
        ]),
    tests("Cluster", "S3Signatures", ["Core", "HTTPModel"]),
    tests("Cluster", "S3Messages", ["ObjectModel"]),
    tests(
        "Cluster", "ObjectClients",
        [
            "Checksums", "Concurrency", "Core", "Cryptography", "HTTPClients", "HTTPModel", "ObjectModel",
            "S3Signatures", "ScriptedServers",
        ]),
    tests(
        "Cluster", "ObjectTransfers",
        ["Concurrency", "Core", "HTTPClients", "HTTPModel", "ObjectClients", "ScriptedServers"]),
    tests(
        "Cluster", "ObjectStorage",
        ["Concurrency", "Core", "Databases", "Files", "ObjectModel", "TestDatabases"]),
    tests(
        "Cluster", "AccessKeys",
        ["Concurrency", "Core", "Databases", "Identity", "KeyRings", "TestDatabases"]),
    tests("Ground", "TLS", ["CertificateMaking"]),
    tests("Ground", "HTTPParser", ["HTTPModel"]),
    tests(
        "Ground", "HTTPServers",
        ["Core", "Concurrency", "EventLoops", "HTTPModel", "TLS", "CertificateMaking", "Gates"]),
    tests(
        "Ground", "HTTPRouting", ["Core", "Concurrency", "HTTPModel", "Documents", "Telemetry", "Tracing"]),
    tests("Ground", "WebSockets", ["Core", "HTTPModel", "HTTPRouting"]),
    tests(
        "Ground", "WebSocketClients",
        [
            "Concurrency", "Core", "EventLoops", "HTTPModel", "HTTPRouting", "HTTPServers", "TLS",
            "CertificateMaking", "WebSockets", "Gates",
        ]),
    tests(
        "Ground", "HTTPClients", ["Core", "Concurrency", "HTTPModel", "ScriptedServers"]),
    tests("Ground", "Documents", ["Core"]),
    tests("Ground", "YAML", ["Documents"]),
    tests("Ground", "Configuration", ["Core", "Documents", "PseudoTerminals", "cli-sample"]),
    tests("Ground", "Arguments", ["Core", "PseudoTerminals", "cli-sample"]),
    tests("Ground", "Terminal", ["Core", "PseudoTerminals", "cli-sample"]),
    tests("Ground", "Backups", ["Archives", "Core"]),
    tests("Ground", "Databases", ["Core"]),
    // What every implementation of the seam is held against.
    .target(
        name: "DatabaseContract", dependencies: ["Core", "Databases"],
        path: "Tests/Ground/DatabaseContract", swiftSettings: strict),
    // Writes until it is killed.
    .executableTarget(
        name: "apollo-crash-writer", dependencies: ["Concurrency", "Core", "Databases", "SQLiteDatabases"],
        path: "Tests/Programs/apollo-crash-writer", swiftSettings: strict),
    tests(
        "Ground", "SQLiteDatabases",
        ["Core", "Concurrency", "Databases", "DatabaseContract", "apollo-crash-writer"]),
    tests(
        "Ground", "PostgreSQLDatabases",
        ["Core", "Concurrency", "Databases", "DatabaseContract", "TestDatabases"]),
    tests("Ground", "Telemetry", ["Concurrency", "Core", "Tracing"]),
    tests("Ground", "HTML"),
    tests("Ground", "DNSModel"),
    tests(
        "Ground", "DNSServers",
        ["Concurrency", "Core", "DNSModel", "EventLoops", "Networking", "SocketNetworking"]),
    tests("Orchestrator", "Discovery", ["ClusterModel", "Core", "DNSModel"]),
    tests("Ground", "Tracing", ["Core", "Concurrency"]),
    contract("Ground", "BusContract", ["Buses", "Concurrency", "Core"]),
    tests("Ground", "Buses", ["BusContract", "Concurrency", "Core"]),
    tests(
        "Ground", "NATSBuses",
        ["BusContract", "Buses", "CertificateMaking", "Concurrency", "Core", "TestServers"]),
    tests("Ground", "RPCModel", ["Core"]),
    // Calls a server that is not ours.
    .executableTarget(
        name: "rpc-caller", dependencies: ["Concurrency", "Core", "RPC", "RPCModel"],
        path: "Tests/Programs/rpc-caller", swiftSettings: strict),
    tests(
        "Ground", "RPC",
        ["Certificates", "Concurrency", "Core", "Identity", "RPCModel", "TLS", "TestServers"]),
    tests("Ground", "AuditStorage", ["Concurrency", "Core", "Databases", "Telemetry", "TestDatabases"]),
    tests("Ground", "Identity", ["Core", "Cryptography"]),
    tests("Ground", "KeyRings", ["Concurrency", "Core", "Databases", "TestDatabases"]),
    tests("Ground", "Certificates", ["Concurrency", "Core", "Cryptography", "Identity"]),
    tests("Ground", "Passwords", ["Core"]),
    tests("Ground", "IdentityDecisions", ["Core", "Cryptography", "Identity"]),
    tests(
        "Ground", "AccountServices",
        [
            "Concurrency", "Core", "Databases", "Identity", "IdentityDecisions", "IdentityStorage",
            "Passwords", "TestDatabases",
        ]),
    tests("Ground", "APIServers", ["Core", "HTTPModel", "Identity"]),
    // Messages with one of everything, and a program that takes them over a pipe.
    .target(
        name: "ProtobufSamples", dependencies: ["Protobuf", "RPCModel"], path: "Tests/Ground/ProtobufSamples",
        exclude: ["calls.proto", "other.proto", "samples.proto"], swiftSettings: strict),
    .executableTarget(
        name: "protobuf-echo", dependencies: ["Protobuf", "ProtobufSamples"],
        path: "Tests/Programs/protobuf-echo", swiftSettings: strict),
    tests("Ground", "Protobuf", ["ProtobufSamples", "RPCModel"]),
    tests("Ground", "ProtobufGenerator", ["Protobuf"]),
    tests("Cluster", "ClusterModel", ["Core", "Documents", "Scheduling"]),
    tests("Cluster", "Scheduling"),
    tests("Cluster", "TaskRuntimes", ["ClusterModel", "Core"]),
    tests(
        "Cluster", "ProcessRuntimes",
        [
            "Cgroups", "Core", "Concurrency", "ClusterModel", "Files", "TaskRuntimes", "TaskRuntimeContract",
            "CApollo",
            "apollo-launcher", "process-runtime-victim",
        ]),
    tests(
        "Cluster", "DockerRuntimes",
        [
            "Core", "Concurrency", "ClusterModel", "Cryptography", "TaskRuntimes", "TaskRuntimeContract",
            "HTTPClients", "HTTPModel", "ScriptedServers", "TestImages",
        ]),
    // Programs that tests kill.
    .executableTarget(
        name: "process-runtime-victim",
        dependencies: ["ClusterModel", "Concurrency", "Core", "ProcessRuntimes", "TaskRuntimes"],
        path: "Tests/Cluster/ProcessRuntimeVictim", swiftSettings: strict),
    tests(
        "Orchestrator", "NodeServices",
        [
            "ClusterModel", "Concurrency", "Core", "Discovery", "Leases", "Machines", "NodeMessages",
            "Protobuf", "RPC", "RPCModel", "TaskDecisions", "TaskRuntimes", "Workers",
        ]),
    tests("Ground", "Calendars", ["Core"]),
    tests(
        "Orchestrator", "Jobs",
        [
            "ClusterModel", "Concurrency", "Core", "Databases", "Documents", "JobDecisions", "JobModel",
            "SQLiteDatabases",
        ]),
    tests("Orchestrator", "Leases", ["ClusterModel", "Core", "TaskDecisions"]),
    tests("Orchestrator", "LeaderDecisions", ["ClusterModel", "Core"]),
    tests(
        "Orchestrator", "Leaders",
        [
            "ClusterModel", "Concurrency", "Core", "Databases", "LeaderDecisions", "Managers", "Simulation",
            "SQLiteDatabases",
        ]),
    tests(
        "Orchestrator", "NodeMessages",
        [
            "ClusterModel", "Core", "Protobuf", "RPCModel", "Scheduling", "TaskDecisions", "TaskRuntimes",
            "Workers",
        ]),
    tests("Orchestrator", "TaskDecisions", ["Core", "ClusterModel", "Scheduling"]),
    tests(
        "Orchestrator", "JobDecisions",
        ["ClusterModel", "Core", "Documents", "JobModel", "Scheduling", "YAML"]),
    tests(
        "Orchestrator", "Managers",
        [
            "Buses", "Core", "Concurrency", "ClusterModel", "Databases", "Simulation", "TaskDecisions",
            "TestDatabases", "TaskRuntimes", "Workers",
        ]),
    tests(
        "Orchestrator", "Workers",
        [
            "ClusterModel", "Concurrency", "Core", "HealthDecisions", "Simulation",
            "TaskDecisions", "TaskRuntimes",
        ]),
    tests("Cluster", "Machines", ["Cgroups", "ClusterModel", "Core"]),
    tests(
        "Orchestrator", "NodePolls",
        ["Buses", "ClusterModel", "Concurrency", "Core", "Managers", "TaskDecisions", "Workers"]),
    tests("Orchestrator", "HealthDecisions", ["ClusterModel", "Core"]),
    tests(
        "Orchestrator", "HealthProbes",
        ["ClusterModel", "Concurrency", "Core", "HealthDecisions", "ScriptedServers", "Workers"]),
    tests(
        "Programs", "Diagnostics", ["Core", "DockerRuntimes", "ImageFiles", "OCIRuntimes", "ProcessRuntimes"]),
    tests(
        "Platform", "Authorities",
        [
            "AuthorityMessages", "Certificates", "Concurrency", "Core", "Databases", "Identity", "KeyRings",
            "TestDatabases",
        ]),
    tests(
        "Platform", "Secrets",
        [
            "ClusterModel", "Concurrency", "Core", "Databases", "KeyRings", "TestDatabases",
            "SecretMessages", "TaskRuntimes", "Telemetry",
        ]),
    tests("Programs", "Benchmarks", ["Concurrency", "Core", "Documents"]),
    tests("Programs", "ClusterSimulations", ["Concurrency", "Simulation"]),
    // The real manager and workers under clients and faults, from seeds.
    .testTarget(
        name: "TaskSimulationTests",
        dependencies: [
            "ClusterModel", "Concurrency", "Core", "Leases", "Managers", "Networking", "NodeMessages",
            "NodeServices", "RPCModel", "Registries", "Simulation", "TaskDecisions", "TaskRuntimes",
            "Workers",
        ],
        path: "Tests/Simulation/TaskSimulationTests", swiftSettings: strict),
]

/// The fuzz targets, which only `scripts/fuzz` builds, with everything they test, so that libFuzzer sees which branches an input takes.
let isFuzzing = Context.environment["APOLLO_FUZZ"] == "1"

/// The fuzz target `fuzz-<name>` in `Fuzz/<folder>`; its seeds are in `Fuzz/Corpus/<name>`, its main is in `Fuzz/Driver`.
func fuzz(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "fuzz-\(name)", dependencies: dependencies + ["FuzzDriver"], path: "Fuzz/\(folder)",
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
}

let fuzzTargets: [Target] = [
    .target(name: "FuzzDriver", path: "Fuzz/Driver"),
    fuzz("http-parser", "HTTPParser", ["HTTPModel", "HTTPParser"]),
    fuzz("websocket", "WebSocket", ["WebSockets"]),
    fuzz("certificates", "Certificates", ["Certificates", "Core", "Identity", "KeyRings"]),
    fuzz("configuration", "Configuration", ["Configuration", "Core", "Documents", "YAML"]),
    fuzz("protobuf", "Protobuf", ["Protobuf", "ProtobufSamples"]),
    fuzz("trace-context", "TraceContext", ["Tracing"]),
    fuzz("subjects", "Subjects", ["Buses"]),
    fuzz("calendars", "Calendars", ["Calendars", "Core"]),
    fuzz("s3", "S3", ["Core", "HTTPModel", "ObjectPolicies", "S3Messages", "S3Signatures"]),
    fuzz("images", "Images", ["ImageModel"]),
    fuzz("image-archives", "ImageArchives", ["Core", "Files", "ImageFiles", "ImageModel"]),
    fuzz("registries", "Registries", ["ImageClients", "ImageModel"]),
    fuzz("forms", "Forms", ["HTTPModel"]),
    fuzz("dns", "DNS", ["DNSModel"]),
    fuzz("status-details", "StatusDetails", ["RPCModel"]),
    fuzz("exec-messages", "ExecMessages", ["APIMessages", "Core"]),
    fuzz(
        "node-messages", "NodeMessages",
        [
            "ClusterModel", "Core", "NodeMessages", "NodeServices", "Protobuf", "RPCModel", "TaskDecisions",
            "TaskRuntimes", "Workers",
        ]),
    fuzz("machines", "Machines", ["ClusterModel", "Core", "Machines"]),
]

if isFuzzing {
    for target in system where target.name == "CLLHTTP" {
        target.cSettings?.append(.unsafeFlags(["-fsanitize=fuzzer-no-link"]))
    }
}

let package = Package(
    name: "apollo",
    products: [
        .executable(name: "apollo", targets: ["apollo"]),
        .executable(name: "apollo-bench", targets: ["apollo-bench"]),
    ],
    targets: system + ground + cluster + objects + images + orchestrator + platform + programs + testSupport
        + testTargets
        + (isFuzzing ? fuzzTargets : [])
)
