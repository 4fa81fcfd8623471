import Core
import DockerRuntimes
import ImageFiles
import OCIRuntimes
import ProcessRuntimes
import Testing

@testable import Diagnostics

@Suite struct DiagnosisTests {
    /// A machine on which all is well.
    private static var sound: MachineFacts {
        var facts = MachineFacts()
        facts.version = "1.2.3"
        facts.user = 7
        facts.engine = EngineReport(places: [
            .init(
                socket: "/d.sock",
                state: .answers(
                    .init(
                        product: "Docker 20.10.24", apiVersion: "1.41", cgroupDriver: "systemd",
                        cgroupVersion: "2"))
            )
        ])
        facts.missingTools = []
        facts.isOCIEnabled = true
        facts.oci = OCIReport(detail: "runc 1.1.5", hasInit: true)
        facts.cgroups = CgroupReport(
            hierarchy: "version 2", limits: [.init(controller: "cpu"), .init(controller: "memory")])
        facts.virtualisation = .offered(version: 12)
        facts.kernel = .init(
            release: "6.1", userNamespaces: 9, lendsUserNamespaces: true, hasOverlay: true, hasSeccomp: true)
        facts.loopback = true
        facts.ports = [.init(number: 7070, purpose: MachineFacts.Port.everything, holder: .nobody)]
        facts.forwardsPackets = true
        facts.data = .init(path: "/d", state: .present(owner: 7, mode: 0o700, isWritable: true))
        facts.disk = .init(
            path: "/d", kind: 0xEF53, free: .gibibytes(50), size: .gibibytes(100), freeFiles: 900_000,
            files: 1_000_000, sync: .milliseconds(4))
        facts.clock = .init(now: Timestamp(parsing: "2026-05-01T00:00:00Z")!, isSynchronised: true)
        facts.limits = .init(files: 1 << 20, processes: nil)
        facts.libraries = [.init(name: "sqlite", built: "3.40.1", running: "3.40.2")]
        facts.platform = MachineFacts.PlatformState.none
        return facts
    }

    private func findings(_ change: (inout MachineFacts) -> Void) -> [Finding] {
        var facts = Self.sound
        change(&facts)
        return Diagnosis.findings(of: facts).filter { $0.level != .ok }
    }

    @Test func `a sound machine has nothing to mend`() {
        let findings = Diagnosis.findings(of: Self.sound)
        #expect(findings.allSatisfy { $0.level == .ok && $0.fix == nil })
        #expect(findings.map(\.check).count == 14)
        #expect(Diagnosis.summary(of: findings) == "no problems, no warnings, 14 ok")
    }

    @Test func `programs that are not installed are told with their packages, and are no fault`() {
        var facts = Self.sound
        facts.missingTools = [.mke2fs, .debugfs, .mkfsErofs]
        let finding = Diagnosis.findings(of: facts).first { $0.check == "tools" }
        #expect(finding?.level == .ok)
        #expect(
            finding?.found
                == "mke2fs, debugfs, mkfs.erofs not installed, for file systems of images (e2fsprogs, erofs-utils)"
        )
    }

    @Test func `images without an engine may be off, and whether they could be on is told`() {
        func finding(_ report: OCIReport, isEnabled: Bool) -> Finding? {
            var facts = Self.sound
            (facts.oci, facts.isOCIEnabled) = (report, isEnabled)
            facts.engine = EngineReport(places: [])
            return Diagnosis.findings(of: facts).first { $0.check == "oci" }
        }
        let possible = OCIReport(detail: "runc 1.1.5", hasInit: true)
        let missing = OCIReport(detail: nil, obstacle: "there is no runc")
        #expect(finding(possible, isEnabled: false)?.found == "off (oci.enabled); runc 1.1.5 can run images")
        #expect(finding(missing, isEnabled: false)?.found == "off (oci.enabled); there is no runc")
        #expect(finding(missing, isEnabled: false)?.level == .ok)
        #expect(finding(missing, isEnabled: true)?.level == .warning)
        let shared = OCIReport(detail: "runc 1.1.5", hasInit: true, usersObstacle: "no idmapped mounts")
        #expect(finding(shared, isEnabled: true)?.level == .warning)
        #expect(finding(shared, isEnabled: true)?.meaning?.contains("root of this machine") == true)
        #expect(finding(shared, isEnabled: false)?.level == .ok)
    }

    @Test func `what could not be looked at is a warning, never silence`() {
        let findings = Diagnosis.findings(of: MachineFacts())
        #expect(findings.count == 14)
        #expect(findings.allSatisfy { $0.level == .warning && $0.found.contains("too long") })
    }

    @Test(arguments: changes.indices)
    func `what is wrong is said with what it means and what to do`(_ index: Int) throws {
        let change = Self.changes[index]
        let found = findings(change.make)
        let finding = try #require(found.first, "\(change.says)")
        #expect(found.count == 1)
        #expect(finding.check == change.check)
        #expect(finding.level == change.level)
        #expect(finding.found.contains(change.says), "\(finding.found)")
        #expect(finding.meaning != nil && finding.fix != nil)
    }

    struct Change: Sendable {
        var check: String
        var level: Finding.Level
        var says: String
        var make: @Sendable (inout MachineFacts) -> Void

        init(
            _ check: String, _ level: Finding.Level, _ says: String,
            _ make: @escaping @Sendable (inout MachineFacts) -> Void
        ) {
            self.check = check
            self.level = level
            self.says = says
            self.make = make
        }
    }

    private static func socket(_ state: EngineReport.State) -> EngineReport {
        EngineReport(places: [.init(socket: "/d.sock", state: state)])
    }

    static let changes: [Change] = [
        Change("engine", .warning, "no container engine: nothing at /d.sock") { $0.engine = socket(.absent) },
        Change("engine", .problem, "members of the group 'docker' may") {
            $0.engine = socket(.denied(group: "docker"))
        },
        Change("engine", .problem, "no engine answers") { $0.engine = socket(.silent(reason: "refused")) },
        Change("engine", .problem, "DOCKER_HOST") {
            $0.engine = EngineReport(places: [], fault: "DOCKER_HOST is odd")
        },
        Change("engine", .warning, "cannot limit memory") {
            $0.engine = socket(.answers(.init(product: "x", apiVersion: "1", missingLimits: ["memory"])))
        },
        Change("cgroups", .warning, "not: memory") {
            $0.cgroups = CgroupReport(
                hierarchy: "hybrid",
                limits: [.init(controller: "cpu"), .init(controller: "memory", obstacle: "why")])
        },
        Change("kvm", .warning, "there is no /dev/kvm") { $0.virtualisation = .absent },
        Change("kvm", .warning, "may not open") { $0.virtualisation = .denied },
        Change("kvm", .warning, "cannot be opened: odd") { $0.virtualisation = .broken("odd") },
        Change("kernel", .warning, "no user namespaces") { $0.kernel?.lendsUserNamespaces = false },
        Change("kernel", .warning, "no overlayfs") { $0.kernel?.hasOverlay = false },
        Change("kernel", .warning, "no seccomp") { $0.kernel?.hasSeccomp = false },
        Change("network", .problem, "127.0.0.1") { $0.loopback = false },
        Change("network", .warning, "ip_forward") { $0.forwardsPackets = false },
        Change("ports", .warning, "7070 is taken by process 5 (nginx)") {
            $0.ports?[0].holder = .process(id: 5, name: "nginx")
        },
        Change("data", .problem, "cannot make it") { $0.data?.state = .absent(isMakeable: false) },
        Change("data", .problem, "not a directory") { $0.data?.state = .notADirectory },
        Change("data", .problem, "cannot be looked at") { $0.data?.state = .unreachable("denied") },
        Change("data", .problem, "can be changed by other") {
            $0.data?.state = .present(owner: 7, mode: 0o777, isWritable: true)
        },
        Change("data", .warning, "belongs to user 0") {
            $0.data?.state = .present(owner: 0, mode: 0o755, isWritable: false)
        },
        Change("data", .problem, "/d/admin.token can be read") { $0.data?.exposed = ["/d/admin.token"] },
        Change("disk", .warning, "in memory (tmpfs)") { $0.disk?.kind = 0x0102_1994 },
        Change("disk", .problem, "on NFS") { $0.disk?.kind = 0x6969 },
        Change("disk", .problem, "100Mi free") { $0.disk?.free = .mebibytes(100) },
        Change("disk", .warning, "4Gi of 100Gi free") { $0.disk?.free = .gibibytes(4) },
        Change("disk", .problem, "10 of 1000000 inodes") { $0.disk?.freeFiles = 10 },
        Change("disk", .problem, "nothing can be written") { $0.disk?.syncFailure = "I/O error" },
        Change("disk", .warning, "takes 2s") { $0.disk?.sync = .seconds(2) },
        Change("clock", .warning, "not synchronised") { $0.clock?.isSynchronised = false },
        Change("clock", .problem, "1970") { $0.clock?.now = Timestamp(microseconds: 0) },
        Change("limits", .problem, "256 open files") { $0.limits?.files = 256 },
        Change("limits", .warning, "100 processes") { $0.limits?.processes = 100 },
        Change("libraries", .warning, "sqlite is 3.46.0") {
            $0.libraries = [.init(name: "sqlite", built: "3.40.1", running: "3.46.0")]
        },
        Change("certificate", .problem, "expired") {
            $0.certificate = .expires(
                file: "/c", at: Timestamp(parsing: "2026-04-30T00:00:00Z")!, isOwn: false)
        },
        Change("certificate", .warning, "expires on 2026-05-03") {
            $0.certificate = .expires(
                file: "/c", at: Timestamp(parsing: "2026-05-03T00:00:00Z")!, isOwn: true)
        },
        Change("certificate", .warning, "expires on 2026-05-09") {
            $0.certificate = .expires(
                file: "/c", at: Timestamp(parsing: "2026-05-09T00:00:00Z")!, isOwn: false)
        },
        Change("certificate", .problem, "damaged") { $0.certificate = .unreadable("it is damaged") },
        Change("platform", .problem, "none answers at http://x") {
            $0.platform = .silent(address: "http://x", reason: "refused")
        },
        Change("platform", .problem, "cannot store") {
            $0.platform = .answers(.init(address: "a", version: "1.2.3", stores: false, skew: nil))
        },
        Change("platform", .warning, "this is 1.2.3") {
            $0.platform = .answers(.init(address: "a", version: "2.0.0", stores: true, skew: .zero))
        },
        Change("platform", .warning, "60 s behind") {
            $0.platform = .answers(.init(address: "a", version: "1.2.3", stores: true, skew: .seconds(-60)))
        },
    ]

    @Test func `a port that the running platform holds is its own`() {
        let found = findings {
            $0.ports?[0].holder = .process(id: 5, name: "apollo")
            $0.platform = .answers(.init(address: "a", version: "1.2.3", stores: true, skew: .zero))
        }
        #expect(found.isEmpty)
    }
}
