"""The design as tables: what may import what, and who is let into what the rest must not touch.

A new layer, C library or exception is one line here, with its reason in the commit.
"""

# A module imports from its own layer and from lower ones.
LAYERS = {
    "System": 0,
    "Ground": 1,
    "Cluster": 2,
    "Orchestrator": 3,
    "Functions": 3,
    "MapReduce": 3,
    "Platform": 3,
    "Kubernetes": 3,
    "Programs": 4,
    # Modules that tests share.
    "Support": 1,
    # Folders of Tests/ that stand beside the mirrored layers and see everything.
    "Integration": 4,
    "Simulation": 4,
}

# They know one another only through Cluster.
SYSTEMS = {"Orchestrator", "Functions", "MapReduce", "Platform", "Kubernetes"}

# A C library has one importing module, and its types stay inside.
C_LIBRARIES = {
    "CSQLite": {"SQLiteDatabases"},
    "CPQ": {"PostgreSQLDatabases"},
    "CSSL": {"TLS"},
    "CCrypto": {"Cryptography"},
    # The X.509 part of the same library.
    "CX509": {"Certificates"},
    "CCurl": {"HTTPClients"},
    "CArchive": {"Archives"},
    "CArgon2": {"Passwords"},
    "CYAML": {"YAML"},
    "CLLHTTP": {"HTTPParser"},
    "CGRPC": {"RPC"},
    "CNATS": {"NATSBuses"},
    # Our own: digests of several streams at once.
    "CDigests": {"LaneDigests"},
    # Our own, for what Swift cannot say: threads, epoll, the steps between fork and exec.
    "CApollo": {
        "Backups", "Benchmarks", "Checksums", "Concurrency", "Diagnostics", "EventLoops", "HTTPServers",
        "Machines", "OCIRuntimes", "ProcessRuntimes", "SocketNetworking", "Terminal", "UnpackedImages", "Workers",
        "apollo", "ProcessRuntimesTests",
        "PseudoTerminals",
    },
}

# JSON and Data; 7 MB of the binary, so nobody else may pull it in.
# APIMessages and SecretMessages for base 64.
FOUNDATION_ESSENTIALS = {"Documents", "APIMessages", "SecretMessages"}

# Who may start tasks that nobody awaits, and look at the system's clocks and random numbers: what everyone else is
# handed by them, so that the simulator can hand out its own.
ESCAPES = {
    "unstructured-task": {"Concurrency", "EventLoops", "Simulation", "HTTPClients", "HTTPServers", "RPC"},
    "system-clock": {"Concurrency", "EventLoops", "Telemetry", "apollo-bench"},
    "system-random": {"Concurrency"},
    "guarded-closure": set(),
    "sleeping": {"Concurrency"},
}

# Modules that decide and do nothing: no await, no C library.
PURE = {
    "Scheduling", "TaskDecisions", "IdentityDecisions", "Discovery", "ObjectModel", "S3Signatures", "S3Messages",
    "ImageModel",
}

LINES_WARNED, LINES_REFUSED = 300, 500
