import Archives
import Concurrency
public import Core
import Cryptography
import DockerRuntimes
import Glibc
import HTTPClients
import ImageFiles
public import OCIRuntimes
import PostgreSQLDatabases
import ProcessRuntimes
import SQLiteDatabases
import TLS

/// Looks at the machine, at everything at once, each part with a deadline. Needs no rights and changes nothing.
public struct MachineProbes: Sendable {
    /// The platform to ask.
    public struct PlatformRequest: Sendable {
        public var address: String
        /// Whether something said that it runs: its absence is a problem then.
        public var isExpected: Bool
        /// The authorities to trust; nil for the system's.
        public var authorities: String?
        /// Its version, as its API tells those it knows; nil for others.
        public var version: @Sendable () async -> String?

        public init(
            address: String, isExpected: Bool, authorities: String?,
            version: @escaping @Sendable () async -> String?
        ) {
            self.address = address
            self.isExpected = isExpected
            self.authorities = authorities
            self.version = version
        }
    }

    /// The version of this program.
    public var version: String
    public var dataDirectory: String
    /// The engine's socket, where a setting names one.
    public var engineSocket: String?
    public var variables: [String: String]
    /// The file of the certificate that the settings name, or of the platform's own.
    public var certificate: String?
    /// Whether the platform made it, and renews it.
    public var isOwnCertificate: Bool
    public var ports: [(number: UInt16, purpose: String)]
    public var platform: PlatformRequest
    /// How containers are made without an engine, where they are.
    public var oci: OCISettings
    /// Whether they are, by the settings.
    public var isOCIEnabled: Bool
    /// Asks the database server that the settings name; nil where they name none.
    public var database: (@Sendable () async -> MachineFacts.DatabaseState)?
    /// Asks the server of the bus that the settings name; nil where they name none.
    public var bus: (@Sendable () async -> MachineFacts.BusState)?
    public var environment: Environment
    public var limit = Duration.seconds(6)

    public init(
        version: String, dataDirectory: String, engineSocket: String?, variables: [String: String],
        certificate: String?, isOwnCertificate: Bool = false, ports: [(number: UInt16, purpose: String)],
        platform: PlatformRequest, oci: OCISettings, isOCIEnabled: Bool,
        environment: Environment
    ) {
        self.version = version
        self.dataDirectory = dataDirectory
        self.engineSocket = engineSocket
        self.variables = variables
        self.certificate = certificate
        self.isOwnCertificate = isOwnCertificate
        self.ports = ports
        self.platform = platform
        self.oci = oci
        self.isOCIEnabled = isOCIEnabled
        self.environment = environment
    }

    public func look() async -> MachineFacts {
        let probes = self
        async let platform = Probe.inTime(limit) {
            await PlatformProbe.platform(probes.platform, environment: probes.environment)
        }
        async let engine = Probe.inTime(limit) {
            await EngineReport.read(
                socket: probes.engineSocket, variables: probes.variables, environment: probes.environment)
        }
        async let database = Probe.inTime(limit) { await probes.database?() }
        async let bus = Probe.inTime(limit) { await probes.bus?() }
        async let data = blocking("data") { StorageProbe.data(probes.dataDirectory) }
        async let disk = blocking("disk") {
            StorageProbe.disk(probes.dataDirectory, clock: probes.environment.clock)
        }
        async let oci = blocking("oci") { OCIReport.read(probes.oci) }
        async let tools = blocking("tools") {
            FileSystemTool.allCases.filter { $0.find(in: .init(path: probes.variables["PATH"])) == nil }
        }
        async let cgroups = blocking("cgroups") { CgroupReport.read() }
        async let kernel = blocking("kernel") { KernelProbe.kernel() }
        async let virtualisation = blocking("kvm") { KernelProbe.virtualisation() }
        async let loopback = blocking("network") { NetworkProbe.loopback() }
        async let ports = blocking("ports") { NetworkProbe.ports(probes.ports) }
        async let certificate = blocking("certificate") { probes.readCertificate() }
        var facts = MachineFacts()
        facts.version = version
        facts.user = geteuid()
        facts.libraries = [.sqlite, .postgresql, .openssl, .curl, .archive]
        facts.clock = KernelProbe.clock(now: environment.wallClock.now)
        facts.limits = KernelProbe.limits()
        facts.forwardsPackets = NetworkProbe.forwardsPackets()
        facts.platform = await platform
        facts.engine = await engine
        facts.data = await data
        facts.hasDatabaseServer = self.database != nil
        facts.database = await database
        facts.hasBusServer = self.bus != nil
        facts.bus = await bus
        facts.disk = await disk
        facts.isOCIEnabled = isOCIEnabled
        facts.oci = await oci
        facts.missingTools = await tools
        facts.cgroups = await cgroups
        facts.kernel = await kernel
        facts.virtualisation = await virtualisation
        facts.loopback = await loopback
        facts.ports = await ports
        facts.certificate = await certificate
        return facts
    }

    private func blocking<Fact: Sendable>(
        _ name: String, _ look: @escaping @Sendable () -> Fact?
    ) async -> Fact? {
        await Probe.blocking(name, limit: limit, look)
    }

    private func readCertificate() -> MachineFacts.Certificate? {
        guard let certificate else { return nil }
        do throws(TLSError) {
            return .expires(
                file: certificate, at: try CertificateFile.expiry(of: certificate), isOwn: isOwnCertificate)
        } catch {
            return .unreadable(ApolloError(error).message)
        }
    }
}
