// swift-tools-version: 6.2
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

/// A Swift module `name` in `Sources/<layer>/<name>`.
func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)",
        swiftSettings: strict)
}

/// The tests of module `name`, in `Tests/<layer>/<name>Tests`.
func tests(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(layer)/\(name)Tests", swiftSettings: strict)
}

/// A program in `Sources/Programs/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)",
        swiftSettings: strict)
}

/// Debian's C library `package`, described by `Sources/System/<name>/module.modulemap`.
func library(_ name: String, package: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: package, providers: [.apt([apt])])
}

let system: [Target] = [
    library("CSQLite", package: "sqlite3", apt: "libsqlite3-dev"),
    library("CSSL", package: "openssl", apt: "libssl-dev"),
    library("CCrypto", package: "libcrypto", apt: "libssl-dev"),
    library("CCurl", package: "libcurl", apt: "libcurl4-openssl-dev"),
    library("CYAML", package: "yaml-0.1", apt: "libyaml-dev"),
    // Debian ships llhttp as C sources inside node-llhttp; the target includes them where they lie.
    .target(
        name: "CLLHTTP", path: "Sources/System/CLLHTTP",
        cSettings: [.unsafeFlags(["-I/usr/share/include/llhttp"])]),
    .target(name: "CApollo", path: "Sources/System/CApollo"),
]

let ground: [Target] = [
    module("Ground", "Core"),
    module("Ground", "Concurrency", ["Core", "CApollo"]),
    module("Ground", "EventLoops", ["Core", "Concurrency", "CApollo"]),
    module("Ground", "Simulation", ["Core", "Concurrency"]),
    module("Ground", "Cryptography", ["Core", "CCrypto"]),
    module("Ground", "TLS", ["Core", "CSSL"]),
    module("Ground", "HTTPModel", ["Core"]),
    module("Ground", "HTTPParser", ["HTTPModel", "CLLHTTP"]),
    module(
        "Ground", "HTTPServer",
        ["Core", "Concurrency", "EventLoops", "HTTPModel", "HTTPParser", "TLS"]),
    module("Ground", "HTTPRouting", ["Core", "HTTPModel", "Documents"]),
    module("Ground", "HTTPClient", ["Core", "Concurrency", "HTTPModel", "CCurl"]),
    module("Ground", "Documents", ["Core"]),
    module("Ground", "YAML", ["Core", "Documents", "CYAML"]),
    module("Ground", "Configuration", ["Core", "Documents", "YAML"]),
    module("Ground", "Arguments", ["Core"]),
    module("Ground", "Terminal", ["Core"]),
    module("Ground", "Database", ["Core"]),
    module("Ground", "SQLiteDatabase", ["Core", "Concurrency", "Database", "CSQLite"]),
    module("Ground", "Telemetry", ["Core", "Concurrency"]),
    module("Ground", "Identity", ["Core", "Cryptography"]),
]

let cluster: [Target] = [
    module("Cluster", "ClusterModel", ["Core", "Documents"]),
    module("Cluster", "TaskRuntimes", ["Core", "Concurrency", "ClusterModel"]),
    module(
        "Cluster", "ProcessRuntime",
        ["Core", "Concurrency", "EventLoops", "ClusterModel", "TaskRuntimes", "CApollo"]),
    module(
        "Cluster", "DockerRuntime",
        ["Core", "Concurrency", "ClusterModel", "TaskRuntimes", "HTTPClient", "HTTPModel"]),
]

let orchestrator: [Target] = [
    module("Orchestrator", "TaskCore", ["Core", "ClusterModel"]),
    module(
        "Orchestrator", "Manager",
        [
            "Core", "Concurrency", "ClusterModel", "TaskCore", "TaskRuntimes", "Database",
            "Telemetry", "Identity",
        ]),
    module(
        "Orchestrator", "ManagerAPI",
        [
            "Core", "ClusterModel", "Manager", "HTTPModel", "HTTPRouting", "Documents", "Identity",
            "Telemetry",
        ]),
]

let programs: [Target] = [
    program(
        "apollo",
        [
            "Arguments", "ClusterModel", "Concurrency", "Configuration", "Core", "Cryptography",
            "Database", "DockerRuntime", "Documents", "EventLoops", "HTTPClient", "HTTPModel",
            "HTTPRouting", "HTTPServer", "Identity", "Manager", "ManagerAPI", "ProcessRuntime",
            "SQLiteDatabase", "TaskCore", "TaskRuntimes", "Telemetry", "Terminal", "TLS", "YAML",
        ]),
    // The launcher alone: what `apollo launcher` is, for tests and for who wants it small.
    program("apollo-launcher", ["ProcessRuntime"]),
    program(
        "apollo-bench",
        [
            "Arguments", "Concurrency", "Core", "EventLoops", "HTTPClient", "HTTPModel",
            "HTTPServer", "TLS", "Terminal",
        ]),
]

let testTargets: [Target] = [
    // What every implementation of a seam has to pass; a library, so that each one's tests can run it.
    .target(
        name: "TaskRuntimeContract", dependencies: ["Core", "Concurrency", "ClusterModel", "TaskRuntimes"],
        path: "Tests/Cluster/TaskRuntimeContract", swiftSettings: strict),
    tests("Ground", "Core"),
    tests("Ground", "Concurrency", ["Core"]),
    tests("Ground", "EventLoops", ["Core", "Concurrency"]),
    tests("Ground", "Simulation", ["Core", "Concurrency"]),
    tests("Ground", "Cryptography", ["Core"]),
    tests("Ground", "HTTPParser", ["HTTPModel"]),
    tests(
        "Ground", "HTTPServer",
        ["Core", "Concurrency", "EventLoops", "HTTPModel", "HTTPClient", "TLS"]),
    tests("Ground", "HTTPRouting", ["Core", "HTTPModel", "Documents"]),
    tests(
        "Ground", "HTTPClient", ["Core", "Concurrency", "EventLoops", "HTTPModel", "HTTPServer"]),
    tests("Ground", "Documents", ["Core"]),
    tests("Ground", "YAML", ["Core", "Documents"]),
    tests("Ground", "Configuration", ["Core", "Documents"]),
    tests("Ground", "Arguments", ["Core"]),
    tests("Ground", "Terminal", ["Core"]),
    tests("Ground", "SQLiteDatabase", ["Core", "Concurrency", "Database"]),
    tests("Ground", "Telemetry", ["Core", "Concurrency"]),
    tests("Ground", "Identity", ["Core"]),
    tests("Cluster", "ClusterModel", ["Core", "Documents"]),
    tests(
        "Cluster", "ProcessRuntime",
        [
            "Core", "Concurrency", "ClusterModel", "TaskRuntimes", "TaskRuntimeContract", "CApollo",
            "apollo-launcher",
            "process-runtime-victim",
        ]),
    tests(
        "Cluster", "DockerRuntime",
        [
            "Core", "Concurrency", "ClusterModel", "TaskRuntimes", "TaskRuntimeContract", "HTTPModel",
            "HTTPServer",
        ]),
    // Programs that tests kill.
    .executableTarget(
        name: "process-runtime-victim",
        dependencies: ["ClusterModel", "Concurrency", "Core", "ProcessRuntime", "TaskRuntimes"],
        path: "Tests/Cluster/ProcessRuntimeVictim", swiftSettings: strict),
    tests("Orchestrator", "TaskCore", ["Core", "ClusterModel"]),
    tests(
        "Orchestrator", "Manager",
        [
            "Core", "Concurrency", "ClusterModel", "TaskCore", "TaskRuntimes", "Database",
            "SQLiteDatabase", "Simulation",
        ]),
]

let package = Package(
    name: "apollo",
    products: [
        .executable(name: "apollo", targets: ["apollo"]),
        .executable(name: "apollo-bench", targets: ["apollo-bench"]),
    ],
    targets: system + ground + cluster + orchestrator + programs + testTargets
)
