public import Core
public import DockerRuntimes
public import ImageFiles
public import OCIRuntimes
public import ProcessRuntimes

/// What the probes saw of a machine. A part that is nil could not be looked at in time, or was not looked for.
public struct MachineFacts: Sendable {
    public var engine: EngineReport?
    /// Whether images can be run by runc.
    public var oci: OCIReport?
    /// Whether they may, by the settings.
    public var isOCIEnabled = false
    /// Programs that make file systems of images and are not installed.
    public var missingTools: [FileSystemTool]?
    public var cgroups: CgroupReport?
    public var virtualisation: Virtualisation?
    public var kernel: Kernel?
    public var loopback: Bool?
    public var ports: [Port]?
    /// Whether the kernel passes packets on between networks; nil where it does not say.
    public var forwardsPackets: Bool?
    public var data: DataDirectoryFacts?
    /// Nil where the state is a file in the data directory, or the server could not be asked in time.
    public var database: DatabaseState?
    /// Whether the settings name a database server.
    public var hasDatabaseServer = false
    /// Nil where the settings name no server of the bus, or it could not be asked in time.
    public var bus: BusState?
    /// Whether the settings name a server of the bus.
    public var hasBusServer = false
    public var disk: Disk?
    public var clock: ClockState?
    public var limits: ProcessLimits?
    public var libraries: [LibraryVersion]?
    public var certificate: Certificate?
    public var platform: PlatformState?
    public var user: UInt32 = 0
    /// The version of this program.
    public var version = ""

    public init() {}

    /// `/dev/kvm`. Whether a guest would boot is known only once one has.
    public enum Virtualisation: Hashable, Sendable {
        case absent
        case denied
        case broken(String)
        /// The device is there, may be used, and speaks this version of its interface.
        case offered(version: Int)
    }

    public struct Kernel: Hashable, Sendable {
        public var release: String
        /// How many user namespaces there may be; nil where the kernel has none.
        public var userNamespaces: Int?
        /// Debian's switch for users who are not root.
        public var lendsUserNamespaces: Bool
        public var hasOverlay: Bool
        public var hasSeccomp: Bool

        public init(
            release: String, userNamespaces: Int?, lendsUserNamespaces: Bool, hasOverlay: Bool,
            hasSeccomp: Bool
        ) {
            self.release = release
            self.userNamespaces = userNamespaces
            self.lendsUserNamespaces = lendsUserNamespaces
            self.hasOverlay = hasOverlay
            self.hasSeccomp = hasSeccomp
        }
    }

    /// A port that Apollo wants.
    public struct Port: Hashable, Sendable {
        public enum Holder: Hashable, Sendable {
            case nobody
            case process(id: Int32, name: String)
            /// Somebody whom this user may not see.
            case unknown
        }

        public var number: UInt16
        /// What it is for.
        public var purpose: String
        public var holder: Holder

        public init(number: UInt16, purpose: String, holder: Holder) {
            self.number = number
            self.purpose = purpose
            self.holder = holder
        }
    }

    public struct DataDirectoryFacts: Hashable, Sendable {
        public enum State: Hashable, Sendable {
            case absent(isMakeable: Bool)
            case notADirectory
            case present(owner: UInt32, mode: UInt32, isWritable: Bool)
            case unreachable(String)
        }

        public var path: String
        public var state: State
        /// Files in it that others may read and should not.
        public var exposed: [String]

        public init(path: String, state: State, exposed: [String] = []) {
            self.path = path
            self.state = state
            self.exposed = exposed
        }
    }

    /// The file system of the data directory, or of what is nearest to it.
    public struct Disk: Hashable, Sendable {
        public var path: String
        /// As the kernel numbers kinds of file systems (statfs(2)).
        public var kind: Int
        public var free: ByteCount
        public var size: ByteCount
        public var freeFiles: Int64
        /// 0 where the file system has no limit of its own.
        public var files: Int64
        /// How long a small write took to reach the disk; nil where none was tried.
        public var sync: Duration?
        public var syncFailure: String?

        public init(
            path: String, kind: Int, free: ByteCount, size: ByteCount, freeFiles: Int64, files: Int64,
            sync: Duration? = nil, syncFailure: String? = nil
        ) {
            self.path = path
            self.kind = kind
            self.free = free
            self.size = size
            self.freeFiles = freeFiles
            self.files = files
            self.sync = sync
            self.syncFailure = syncFailure
        }
    }

    public struct ClockState: Hashable, Sendable {
        public var now: Timestamp
        /// Nil where the kernel does not say.
        public var isSynchronised: Bool?

        public init(now: Timestamp, isSynchronised: Bool?) {
            self.now = now
            self.isSynchronised = isSynchronised
        }
    }

    public struct ProcessLimits: Hashable, Sendable {
        /// What the user may raise the limit to; nil for without limit.
        public var files: UInt64?
        public var processes: UInt64?

        public init(files: UInt64?, processes: UInt64?) {
            self.files = files
            self.processes = processes
        }
    }

    public enum Certificate: Hashable, Sendable {
        /// - Parameter isOwn: whether the platform made it, and renews it.
        case expires(file: String, at: Timestamp, isOwn: Bool)
        case unreadable(String)
    }

    /// The platform that the command line would talk to.
    public enum PlatformState: Hashable, Sendable {
        case none
        case silent(address: String, reason: String)
        case answers(Answer)

        public struct Answer: Hashable, Sendable {
            public var address: String
            /// Nil where it does not tell this caller.
            public var version: String?
            public var stores: Bool
            /// How far its clock is ahead of this machine's.
            public var skew: Duration?

            public init(address: String, version: String?, stores: Bool, skew: Duration?) {
                self.address = address
                self.version = version
                self.stores = stores
                self.skew = skew
            }
        }
    }
}
