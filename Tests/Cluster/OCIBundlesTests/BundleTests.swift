import ClusterModel
import Core
import Documents
import ImageModel
import Testing

@testable import OCIBundles

struct BundleTests {
    private func launch(_ spec: TaskSpec) -> AttemptLaunch {
        AttemptLaunch(
            attempt: AttemptID(time: Timestamp(microseconds: 1), random: 2),
            task: TaskID(time: Timestamp(microseconds: 3), random: 4), taskName: "web", project: "default",
            spec: spec)
    }

    private func command(
        _ spec: TaskSpec, _ image: ImageConfiguration.Defaults, ports: [PortMapping] = []
    ) throws -> ContainerCommand {
        try ContainerCommand(launch(spec), image, .root, ports: ports)
    }

    @Test func `a command takes the place of the image's, an entry point that of both`() throws {
        let image = ImageConfiguration.Defaults(entrypoint: ["/entry", "a"], command: ["b"])
        #expect(try command(TaskSpec(image: "x"), image).arguments == ["/entry", "a", "b"])
        #expect(try command(TaskSpec(image: "x", command: ["c"]), image).arguments == ["/entry", "a", "c"])
        #expect(try command(TaskSpec(image: "x", entrypoint: ["e"]), image).arguments == ["e"])
        #expect(
            try command(TaskSpec(image: "x", command: ["c"], entrypoint: ["e"]), image).arguments == [
                "e", "c",
            ])
        #expect(throws: BundleError.noCommand) { try command(TaskSpec(image: "x"), .init()) }
    }

    @Test func `the task's variables go before the image's, and it is told its ports`() throws {
        let image = ImageConfiguration.Defaults(environment: ["A=1", "B=2=3", "C"], command: ["x"])
        let spec = TaskSpec(image: "x", environment: ["A": "9"])
        let all = try command(spec, image, ports: [PortMapping(container: 80, host: 8080, name: "http")])
            .environment
        #expect(all["A"] == "9")
        #expect(all["B"] == "2=3")
        #expect(all["C"] == "")
        #expect(all["PORT_80"] == "8080")
        #expect(all["APOLLO_PORT_http"] == "8080")
        #expect(all["APOLLO_TASK_NAME"] == "web")
        #expect(all["PATH"] == ContainerCommand.usualPath)
    }

    @Test func `texts that the system cannot pass on and directories that are nowhere are refused`() {
        let image = ImageConfiguration.Defaults(command: ["x"])
        #expect(throws: BundleError.zeroByte(field: "command")) {
            try command(TaskSpec(image: "x", command: ["a\0b"]), image)
        }
        #expect(throws: BundleError.relativePath(field: "workingDirectory", path: "a")) {
            try command(TaskSpec(image: "x", workingDirectory: "a"), image)
        }
    }

    @Test func `a program is looked for as execvp does`() {
        #expect(ContainerCommand.candidates("/a/b", nil, "/") == ["/a/b"])
        #expect(ContainerCommand.candidates("./b", nil, "/srv") == ["/srv/./b"])
        #expect(ContainerCommand.candidates("b", "/x:/y/", "/") == ["/x/b", "/y/b"])
    }

    private func document(_ change: (inout ContainerBundle) -> Void) throws -> JSONValue {
        var bundle = ContainerBundle(
            command: try command(TaskSpec(image: "x", command: ["run"]), .init()), account: .root, root: "/r",
            hostName: "h", cgroup: "apollo/1")
        bundle.architecture = "amd64"
        change(&bundle)
        return try JSONReader().read(bundle.bytes)
    }

    @Test func `a container has few powers, no new privileges and hidden paths`() throws {
        let document = try document { _ in }
        let process = try #require(document["process"])
        #expect(process["noNewPrivileges"]?.bool == true)
        #expect(process["capabilities"]?["bounding"]?.array?.count == 8)
        #expect(document["linux"]?["maskedPaths"]?.array?.contains("/proc/kcore") == true)
        #expect(document["linux"]?["readonlyPaths"]?.array?.contains("/proc/sys") == true)
        let kinds = document["linux"]?["namespaces"]?.array?.compactMap { $0["type"]?.string }
        #expect(kinds == ["pid", "ipc", "uts", "mount", "cgroup"])
    }

    @Test func `who has users of its own sees devices and the system of the machine`() throws {
        let users = ContainerBundle.UserMapping(host: 100_000, count: 65_536)
        var edits = ContainerEdits()
        edits.devices = [
            .init(
                path: "/dev/gpu", hostPath: "/dev/gpu7", number: .init(type: "c", major: 7, minor: 7),
                permissions: "rw")
        ]
        for (mapping, network) in [(users, ContainerBundle.Network.host), (users, .none), (nil, .host)] {
            let document = try document { bundle in
                (bundle.users, bundle.network, bundle.edits) = (mapping, network, edits)
            }
            let mounts = document["mounts"]?.array ?? []
            func mount(_ target: String) -> JSONValue? {
                mounts.first { $0["destination"]?.string == target }
            }
            // A sysfs belongs to who has the network.
            #expect(mount("/sys")?["type"]?.string == (mapping != nil && network == .host ? "bind" : "sysfs"))
            #expect(mount("/dev/gpu")?["source"]?.string == (mapping == nil ? nil : "/dev/gpu7"))
            #expect((document["linux"]?["devices"] != nil) == (mapping == nil))
        }
    }

    @Test func `limits, a network of its own, users and an init are said as asked`() throws {
        let document = try document { bundle in
            bundle.limits = ContainerLimits(cpuMillis: 500, memory: .mebibytes(64), processes: 10)
            bundle.network = .none
            bundle.users = .init(host: 100_000, count: 65_536)
            bundle.initProgram = "/usr/bin/tini-static"
        }
        let resources = document["linux"]?["resources"]
        #expect(resources?["cpu"]?["quota"]?.integer == 50_000)
        #expect(resources?["memory"]?["limit"]?.integer == 64 << 20)
        #expect(resources?["memory"]?["swap"]?.integer == 64 << 20)
        #expect(resources?["pids"]?["limit"]?.integer == 10)
        let kinds = document["linux"]?["namespaces"]?.array?.compactMap { $0["type"]?.string } ?? []
        #expect(kinds.contains("network") && kinds.contains("user"))
        #expect(document["linux"]?["uidMappings"]?[0]?["hostID"]?.integer == 100_000)
        #expect(document["linux"]?["gidMappings"] == document["linux"]?["uidMappings"])
        #expect(document["process"]?["args"]?.array?.compactMap(\.string) == ["/dev/init", "--", "run"])
    }

    @Test func `system calls that make namespaces or keys are not allowed`() throws {
        let document = try document { _ in }
        let rules = document["linux"]?["seccomp"]?["syscalls"]?.array ?? []
        let free = rules.filter { $0["args"] == nil && $0["action"]?.string == "SCMP_ACT_ALLOW" }
            .flatMap { $0["names"]?.array?.compactMap(\.string) ?? [] }
        for name in [
            "mount", "umount2", "unshare", "setns", "clone", "clone3", "keyctl", "add_key", "bpf", "ptrace_",
            "reboot", "init_module", "kexec_load", "pivot_root", "swapon", "open_by_handle_at", "userfaultfd",
            "perf_event_open", "io_uring_setup", "chroot", "settimeofday", "syslog",
        ] { #expect(!free.contains(name), "\(name)") }
        for name in ["read", "execve", "futex", "openat"] { #expect(free.contains(name), "\(name)") }
        #expect(Set(free).count == free.count)
        #expect(SeccompProfile.json(architecture: "riscv64", allows32Bit: true) == nil)
    }

    @Test func `system calls of 32 bits are for those who have programs that make them`() throws {
        func architectures(_ change: (inout ContainerBundle) -> Void) throws -> [String] {
            let document = try document(change)
            return document["linux"]?["seccomp"]?["architectures"]?.array?.compactMap(\.string) ?? []
        }
        #expect(try architectures { _ in } == ["SCMP_ARCH_X86_64"])
        #expect(try architectures { $0.allows32Bit = true } == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])
        #expect(
            try architectures { ($0.architecture, $0.allows32Bit) = ("arm64", true) } == [
                "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
            ])
    }
}
