import ClusterModel
import Concurrency
import Core
import Glibc
import TaskRuntimes
import Testing

@testable import DockerRuntimes

/// What only a real engine shows, beyond the contract.
@Suite(.serialized, .enabled(if: EngineFixture.isAvailable, Comment(rawValue: EngineFixture.reason)))
struct DockerEngineTests {
    @Test func `the probe names the product, its version and the cgroup's`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let status = await runtime.probe()
            #expect(status.isAvailable)
            #expect(status.detail.hasPrefix("Docker ") || status.detail.hasPrefix("Podman "))
            #expect(status.detail.contains("cgroup v"))
        }
    }

    @Test func `limits are seen from within`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            var spec = BusyboxImage.shell(
                """
                cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max
                cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes /sys/fs/cgroup/memory.swap.max
                cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max
                cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us /sys/fs/cgroup/cpu.max
                """)
            spec.resources = Resources(cpuMillis: 500, memory: .mebibytes(64), processes: 33)
            let launch = AttemptLaunch.fresh(spec)
            let started = try await runtime.start(launch) { _ in }
            _ = try await runtime.wait(launch.attempt)
            let reader = try await runtime.logs(launch.attempt, LogQuery())
            var text = ""
            while let batch = try await reader.next() {
                for record in batch where record.stream == .stdout {
                    text += String(decoding: record.bytes, as: UTF8.self)
                }
            }
            let lines = text.split(whereSeparator: \.isWhitespace)
            #expect(lines.first == "67108864")
            #expect(lines.contains("33"))
            #expect(lines.suffix(2) == ["50000", "100000"])
            #expect(started.warnings.filter { !$0.contains("swap") } == [])
        }
    }

    @Test func `a container is given no more powers than it needs`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let (exit, text) = try await runtime.run(
                BusyboxImage.shell("grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status"))
            #expect(exit.code == 0)
            // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10.
            let expected = [0, 1, 3, 4, 5, 6, 7, 10].reduce(0) { $0 | 1 << $1 }
            for line in text.split(separator: "\n") {
                let words = line.split(whereSeparator: \.isWhitespace)
                switch words[0] {
                case "NoNewPrivs:": #expect(words[1] == "1")
                case "Seccomp:": #expect(words[1] == "2")
                default: #expect(Int(words[1], radix: 16) == expected, "\(line)")
                }
            }
        }
    }

    @Test func `user, image environment and entry point are as asked`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            var spec = BusyboxImage.shell("id -u; echo $FROM_IMAGE")
            spec.user = "worker"
            #expect(try await runtime.run(spec).text == "1234\nyes\n")
            spec = TaskSpec(
                image: BusyboxImage.name, command: ["a", "b"], entrypoint: ["echo", "entry"], pull: .never)
            #expect(try await runtime.run(spec).text == "entry a b\n")
        }
    }

    @Test func `an unknown user is rejected by name`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            var spec = BusyboxImage.shell("true")
            spec.user = "nobody-of-this-image"
            let launch = AttemptLaunch.fresh(spec)
            let error = await failure { _ = try await runtime.start(launch) { _ in } }
            guard case .rejected(let message, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(message.contains("nobody-of-this-image"))
            #expect(try await runtime.list().isEmpty)
        }
    }

    @Test(arguments: [
        ("no-such-command", "was not found"), ("/opt/nothing", "was not found"),
        ("./nothing", "was not found"),
        ("/opt/no-program", "is not an executable file"), ("/opt", "is not an executable file"),
    ])
    func `a command that cannot run is rejected, and nothing stays`(command: String, message: String)
        async throws
    {
        try await EngineFixture.run { (runtime) async throws in
            let spec = TaskSpec(image: BusyboxImage.name, command: [command], pull: .never)
            let error = await failure { _ = try await runtime.start(.fresh(spec)) { _ in } }
            guard case .rejected(let text, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(text.contains(command))
            #expect(text.contains(message))
            #expect(try await runtime.list().isEmpty)
        }
    }

    @Test func `a script whose interpreter is missing says so at its end`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let spec = TaskSpec(
                image: BusyboxImage.name, command: ["/opt/script-without-interpreter"], pull: .never)
            let exit = try await runtime.run(spec).exit
            #expect(exit.code == 127)
            #expect(exit.reason.contains("interpreter"))
        }
    }

    @Test func `an image that is not here and may not be fetched is rejected`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let spec = TaskSpec(image: "apollo-test/nothing:7", command: ["true"], pull: .never)
            let error = await failure { _ = try await runtime.start(.fresh(spec)) { _ in } }
            guard case .rejected(let message, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(message.contains("apollo-test/nothing:7"))
        }
    }

    @Test func `a registry that does not answer makes it unavailable`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let spec = TaskSpec(image: "127.0.0.1:1/nothing:7", command: ["true"])
            let error = await failure { _ = try await runtime.start(.fresh(spec)) { _ in } }
            guard case .unavailable(let message, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(message.contains("127.0.0.1:1/nothing:7"))
        }
    }

    @Test func `a mount that is not there is rejected by name, before anything is made`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            var spec = BusyboxImage.shell("true")
            spec.mounts = [Mount(source: "/nowhere/at/all", target: "/mnt")]
            let error = await failure { _ = try await runtime.start(.fresh(spec)) { _ in } }
            guard case .rejected(let message, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(message.contains("/nowhere/at/all"))
            #expect(access("/nowhere", F_OK) != 0)
        }
    }

    @Test func `a port in use is told by number, and nothing stays`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            var spec = BusyboxImage.shell("sleep 60")
            spec.ports = [PortMapping(container: 80)]
            let first = AttemptLaunch.fresh(spec)
            let port = try #require(try await runtime.start(first) { _ in }.ports[0].host)
            spec.ports[0].host = port
            let error = await failure { _ = try await runtime.start(.fresh(spec)) { _ in } }
            guard case .portInUse(let busy) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(busy.host == port)
            #expect(try await runtime.list().map(\.attempt) == [first.attempt])
        }
    }

    @Test func `long lines arrive whole`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            let text = try await runtime.run(
                BusyboxImage.shell("head -c 100000 /dev/zero | tr '\\0' x; echo; echo end")
            ).text
            #expect(text == String(repeating: "x", count: 100_000) + "\nend\n")
        }
    }

    @Test func `a container that was made and never started is known as such, and can be removed`()
        async throws
    {
        try await EngineFixture.run { (runtime) async throws in
            let launch = AttemptLaunch.fresh(BusyboxImage.shell("true"))
            let engine = try await runtime.session.engine()
            let specification = ContainerSpecification(
                launch, instance: runtime.configuration.instance, abilities: EngineAbilities(),
                options: runtime.configuration, usesInit: false)
            _ = try await engine.create(specification, name: ContainerSpecification.name(of: launch))
            let listed = try #require(try await runtime.list().first)
            #expect(listed.attempt == launch.attempt)
            #expect(listed.exit?.code == nil)
            #expect(listed.exit?.reason.contains("never started") == true)
            #expect(try await runtime.wait(launch.attempt).code == nil)
            // A start that is repeated takes it up.
            _ = try await runtime.start(launch) { _ in }
            #expect(try await runtime.wait(launch.attempt).code == 0)
            try await runtime.remove(launch.attempt)
            #expect(try await runtime.list().isEmpty)
        }
    }

    @Test func `instances on one engine do not see each other`() async throws {
        try await EngineFixture.run { (first) async throws in
            let launch = AttemptLaunch.fresh(BusyboxImage.shell("sleep 60"))
            _ = try await first.start(launch) { _ in }
            try await EngineFixture.run { (second) async throws in
                #expect(try await second.list().isEmpty)
                #expect(
                    await failure { try await second.stop(launch.attempt, grace: .zero) } == .unknownAttempt)
            }
            #expect(try await first.list().count == 1)
        }
    }

    @Test func `a cancelled start leaves nothing`() async throws {
        try await EngineFixture.run { (runtime) async throws in
            for _ in 0..<5 {
                let launch = AttemptLaunch.fresh(BusyboxImage.shell("sleep 60"))
                await withTaskGroup(of: RuntimeError?.self) { group in
                    group.addTask { await failure { _ = try await runtime.start(launch) { _ in } } }
                    group.cancelAll()
                    #expect(await group.next() == .cancelled)
                }
            }
            #expect(try await runtime.list().isEmpty)
        }
    }
}
