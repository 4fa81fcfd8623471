import ClusterModel
import Concurrency
import Core
import Glibc
import ProcessRuntimes
import TaskRuntimes
import Testing

/// What a process finds around itself, and what becomes of what it leaves.
@Suite(.timeLimit(.minutes(2)))
struct ProcessTests {
    @Test func `a process sees a small environment and nothing of ours`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            setenv("APOLLO_TEST_SECRET", "hidden", 1)
            let launch = fixture.launch("env") {
                $0.environment = ["MINE": "1", "LANG": "de_DE.UTF-8"]
                $0.ports = [PortMapping(container: 8080), PortMapping(container: 9090, name: "admin-ui")]
            }
            let started = try await fixture.runtime.start(launch) { _ in }
            _ = try await fixture.runtime.wait(launch.attempt)
            let text = try await fixture.text(of: launch.attempt)
            var found: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                found[parts[0]] = parts.count > 1 ? parts[1] : ""
            }
            #expect(found["APOLLO_TEST_SECRET"] == nil)
            #expect(
                Set(found.keys).subtracting(["PWD", "OLDPWD", "SHLVL", "_", "USER", "LOGNAME"]) == [
                    "PATH", "LANG", "HOME", "MINE", "PORT", "PORT_8080", "PORT_9090", "APOLLO_PORT",
                    "APOLLO_PORT_admin_ui", "APOLLO_TASK_ID", "APOLLO_TASK_NAME", "APOLLO_PROJECT",
                    "APOLLO_ATTEMPT",
                ])
            #expect(found["APOLLO_PORT_admin_ui"] == found["PORT_9090"])
            #expect(found["LANG"] == "de_DE.UTF-8")
            #expect(found["APOLLO_ATTEMPT"] == launch.attempt.text)
            #expect(found["PORT"] == found["PORT_8080"])
            #expect(
                started.ports.map { $0.host.map(String.init) } == [found["PORT_8080"], found["PORT_9090"]])
        }
    }

    @Test func `a process starts with a clean table of files, signals and privileges`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let open = try await fixture.run("exec ls -l /proc/self/fd").text
            let files = open.split(separator: "\n").filter { $0.contains(" -> ") }
            // The fourth is the directory that ls itself reads.
            #expect(files.count == 4, "\(open)")
            #expect(files.first?.hasSuffix("/dev/null") == true)
            let status = try await fixture.run("exec cat /proc/self/status").text
            #expect(status.contains("SigBlk:\t0000000000000000"))
            #expect(status.contains("SigIgn:\t0000000000000000"))
            #expect(status.contains("NoNewPrivs:\t1"))
            let ids = try await fixture.run("exec cat /proc/self/stat").text.split(separator: " ")
            #expect(ids[0] == ids[4] && ids[0] == ids[5], "it does not lead a session: \(ids.prefix(7))")
        }
    }

    @Test(.enabled(if: ProcessRuntimeFixture.isRoot, "needs root to become another user"))
    func `a process runs as the user asked for, without capabilities`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            for user in ["nobody", "65534:65534"] {
                let text = try await fixture.run(
                    "id -u; id -g; grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/self/status; echo out > /dev/stdout"
                ) { $0.user = user }.text
                let lines = text.split(separator: "\n")
                #expect(lines.prefix(2) == ["65534", "65534"])
                #expect(lines.filter { $0.hasPrefix("Cap") && $0.hasSuffix("\t0000000000000000") }.count == 4)
                #expect(lines.last == "out", "it may not open its own stdout: \(text)")
            }
            let number = try await fixture.run("id -u; id -G") { $0.user = "123456" }.text
            #expect(number == "123456\n123456\n")
        }
    }

    @Test func `an executable is found on the task's own PATH`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let launch = fixture.launch("") {
                $0.executable = "true"
                $0.command = []
                $0.environment = ["PATH": "/no/such:/usr/bin"]
            }
            _ = try await fixture.runtime.start(launch) { _ in }
            #expect(try await fixture.runtime.wait(launch.attempt).code == 0)
        }
    }

    @Test func `what a daemon holds open does not delay the end, and the daemon is killed`() async throws {
        for cgroups in [CgroupUse.any, .version1, .none] {
            try await ProcessRuntimeFixture.with({ $0.cgroups = cgroups }) { fixture in
                // In a session of its own, with the pipe open; it would write for ever.
                let attempt = try await fixture.start(
                    """
                    setsid sh -c 'trap "" TERM; echo $$; touch \(fixture.directory)/on; sleep 600' &
                    while ! test -e \(fixture.directory)/on; do sleep 0.01; done; exit 4
                    """
                )
                let clock = Environment.live.clock
                let begin = clock.now
                let exit = try await fixture.runtime.wait(attempt)
                #expect(exit.code == 4)
                #expect(begin.duration(to: clock.now) < .seconds(60))
                let pid = try #require(Int32(try await fixture.text(of: attempt).filter { $0.isNumber }))
                #expect(!isAlive(pid), "the daemon lives, cgroups: \(cgroups)")
                unlink(fixture.directory + "/on")
            }
        }
    }

    @Test func `a stop kills daemons too`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let attempt = try await fixture.start(
                "setsid sh -c 'trap \"\" TERM; echo $$ ready; sleep 600' & wait")
            let pid = try #require(
                Int32(try await fixture.await("ready\n", from: attempt).prefix { $0.isNumber }))
            try await fixture.runtime.stop(attempt, grace: .milliseconds(50))
            #expect(!isAlive(pid))
        }
    }

    @Test func `limits are enforced, or said not to be`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let launch = fixture.launch("i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i+1)); done; echo all") {
                $0.resources = Resources(cpuMillis: 500, memory: .mebibytes(64), processes: 8)
            }
            let started = try await fixture.runtime.start(launch) { _ in }
            let detail = await fixture.runtime.probe().detail
            for (controller, name) in [("cpu", "cpu"), ("memory", "memory"), ("pids", "process")] {
                let isSaid = started.warnings.contains { $0.hasPrefix("\(name) limit not enforced: ") }
                #expect(isSaid != detail.contains(controller), "\(name): \(started.warnings), \(detail)")
            }
            if detail.contains("pids") {
                let exit = try await fixture.runtime.wait(launch.attempt)
                #expect(exit.code != 0, "twenty processes ran where eight were allowed")
            }
        }
        try await ProcessRuntimeFixture.with({ $0.cgroups = .none }) { fixture in
            let launch = fixture.launch("exit 0") { $0.resources.memory = .mebibytes(64) }
            let started = try await fixture.runtime.start(launch) { _ in }
            #expect(started.warnings.count == 1)
            #expect(started.warnings.first?.hasPrefix("memory limit not enforced: ") == true)
        }
    }

    @Test func `output over the limit goes from the front, and the marker says so`() async throws {
        try await ProcessRuntimeFixture.with({ $0.logLimit = .kibibytes(256) }) { fixture in
            let (exit, text) = try await fixture.run("seq 1 300000")
            #expect(exit.code == 0)
            #expect(text.hasPrefix("[apollo: ") && text.hasSuffix("\n300000\n"))
            #expect(text.utf8.count <= 256 << 10)
        }
    }

    @Test func `a port that is taken is said before anything starts`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let first = fixture.launch("sleep 600") { $0.ports = [PortMapping(container: 1)] }
            let port = try #require(try await fixture.runtime.start(first) { _ in }.ports.first?.host)
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0 && listen(socket, 1) == 0)
            let error = await rejection(
                fixture, fixture.launch("exit 0") { $0.ports = [PortMapping(container: 1, host: port)] })
            #expect(error == .portInUse(PortMapping(container: 1, host: port)))
            // The one that has the port is asked again without its port being taken for lost.
            #expect(try await fixture.runtime.start(first) { _ in }.ports.first?.host == port)
        }
    }

    private func rejection(_ fixture: ProcessRuntimeFixture, _ launch: AttemptLaunch) async -> RuntimeError? {
        do throws(RuntimeError) {
            _ = try await fixture.runtime.start(launch) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test func `what cannot start is rejected with the reason and what to try`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let directory = fixture.directory
            func make(_ name: String, _ text: String, _ mode: mode_t) throws -> String {
                let path = directory + "/" + name
                let file = open(path, O_WRONLY | O_CREAT, mode)
                try #require(write(file, text, text.utf8.count) == text.utf8.count)
                close(file)
                return path
            }
            let plain = try make("plain", "#!/bin/sh\n", 0o644)
            let foreign = try make("foreign", "\u{7f}ELF nonsense", 0o755)
            let orphan = try make("orphan", "#!/no/such/interpreter\n", 0o755)
            let cases: [(String, (inout TaskSpec) -> Void)] = [
                ("executable: 'apollo-nothing' is not on this host", { $0.executable = "apollo-nothing" }),
                ("executable: '/no/such' is not on this host", { $0.executable = "/no/such" }),
                ("executable: '\(plain)' may not be executed", { $0.executable = plain }),
                ("executable: '\(foreign)' is not a program for this machine", { $0.executable = foreign }),
                (
                    "executable: '\(orphan)' cannot run: its interpreter is not on this host",
                    { $0.executable = orphan }
                ),
                ("executable: '/etc' may not be executed", { $0.executable = "/etc" }),
                ("executable: a process task needs one", { $0.executable = nil }),
                (
                    "workingDirectory: '/no/such': No such file or directory",
                    { $0.workingDirectory = "/no/such" }
                ),
                ("workingDirectory: 'here' is not absolute", { $0.workingDirectory = "here" }),
                ("user: this host has no user 'apollo-nobody'", { $0.user = "apollo-nobody" }),
                ("command: a text contains a zero byte", { $0.command = ["a\u{0}b"] }),
                ("environment: 'A=B' is not a variable's name", { $0.environment = ["A=B": "C"] }),
                (
                    "ports[0].address: 'localhost' is not an IP address",
                    { $0.ports = [PortMapping(container: 1, address: "localhost")] }
                ),
                (
                    "ports[0]: 203.0.113.7 is not an address of this machine",
                    { $0.ports = [PortMapping(container: 1, address: "203.0.113.7")] }
                ),
            ]
            for (expected, change) in cases {
                let error = await rejection(fixture, fixture.launch("exit 0", change))
                guard case .rejected(let message, _) = error else {
                    Issue.record("\(expected): \(String(describing: error))")
                    continue
                }
                #expect(message == expected)
            }
            #expect(try await fixture.runtime.list().isEmpty)
            for path in [plain, foreign, orphan] { unlink(path) }
        }
    }

    @Test(.enabled(if: ProcessRuntimeFixture.isRoot, "needs root for a mount namespace"))
    func `mounts are the task's alone`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let launch = fixture.launch("echo $(ls /mnt | head -1); sleep 600") {
                $0.mounts = [Mount(source: "/usr/share/common-licenses", target: "/mnt", readOnly: false)]
            }
            _ = try await fixture.runtime.start(launch) { _ in }
            #expect(try await fixture.await("\n", from: launch.attempt).hasPrefix("Apache"))
            #expect(names(in: "/mnt")?.contains("Apache-2.0") != true, "the mount is seen outside")
            let missing = fixture.launch("exit 0") { $0.mounts = [Mount(source: "/no/such", target: "/mnt")] }
            let error = await rejection(fixture, missing)
            #expect(error == .rejected("mounts[0].source: '/no/such' does not exist on this host", hint: nil))
        }
    }
}
