import Cgroups
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

struct CgroupTests {
    @Test func `what was moved from and to disks is the sum over them`() {
        let text =
            "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n253:1 rbytes=5 wbytes=7 rios=1\n7:0 \n"
        let use = AttemptCgroup.diskUse(ofCgroup: text)
        #expect(use.read == 15 && use.written == 27)
        #expect(AttemptCgroup.diskUse(ofCgroup: "").written == 0)
    }

    private let hybrid = CgroupTable(
        mountinfo: """
            22 1 0:20 / / rw - ext4 /dev/vda rw
            31 22 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:7 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
            40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """,
        cgroup: "9:name=systemd:/\n6:freezer:/\n4:memory:/a/b\n2:cpu,cpuacct:/x\n0::/user\n")

    @Test func `version 1 and version 2 beside each other are both found`() {
        #expect(hybrid.kind == .hybrid)
        #expect(hybrid.unified?.directory == "/sys/fs/cgroup/unified/user")
        #expect(hybrid.legacy("memory")?.directory == "/sys/fs/cgroup/memory/a/b")
        #expect(hybrid.legacy("cpuacct")?.directory == "/sys/fs/cgroup/cpu,cpuacct/x")
        #expect(hybrid.legacy("freezer")?.directory == "/sys/fs/cgroup/freezer")
        #expect(hybrid.legacy("pids") == nil)
    }

    @Test func `cgroups of an attempt are looked for by its name, in every hierarchy`() {
        let places = CgroupPlaces(table: hybrid, name: "apollo-1")
        #expect(
            places.all(of: "abc").compactMap(\.containment?.directory) == [
                "/sys/fs/cgroup/unified/user/apollo-1/abc", "/sys/fs/cgroup/cpu,cpuacct/x/apollo-1/abc",
                "/sys/fs/cgroup/memory/a/b/apollo-1/abc", "/sys/fs/cgroup/freezer/apollo-1/abc",
                "/sys/fs/cgroup/systemd/apollo-1/abc",
            ])
        // None of them is there, and nothing else is taken for one.
        #expect(places.made(for: "abc") == AttemptCgroup())
    }

    @Test func `with version 2 alone they are beside the launcher's own, or below it`() {
        func unified(_ own: String) -> [String] {
            CgroupPlaces(
                table: CgroupTable(
                    mountinfo: "26 23 0:22 / /cg rw - cgroup2 cgroup2 rw\n", cgroup: "0::\(own)\n"),
                name: "a"
            ).unified
        }
        #expect(unified("/") == ["/cg/a"])
        #expect(unified("/one.service/apollo-supervisor") == ["/cg/one.service/a"])
        #expect(unified("/one.service") == ["/cg/one.service/a", "/cg/a"])
    }

    @Test func `version 2 alone is found, with a service's own cgroup`() {
        let table = CgroupTable(
            mountinfo: "26 23 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
            cgroup: "0::/system.slice/apollo.service\n")
        #expect(table.kind == .two)
        #expect(table.unified?.directory == "/sys/fs/cgroup/system.slice/apollo.service")
        #expect(table.legacy.isEmpty)
    }

    @Test func `version 1 alone is found`() {
        let table = CgroupTable(
            mountinfo:
                "30 25 0:26 / /cg/memory rw - cgroup cgroup rw,memory\n31 25 0:27 / /cg/pids rw - cgroup none rw,pids\n",
            cgroup: "3:pids:/\n2:memory:/docker/abc\n")
        #expect(table.kind == .one)
        #expect(table.unified == nil)
        #expect(table.legacy("memory")?.directory == "/cg/memory/docker/abc")
    }

    @Test func `a container sees its own cgroup as the root of the mount`() {
        let table = CgroupTable(
            mountinfo: """
                30 25 0:26 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
                31 25 0:27 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
                """,
            cgroup: "3:pids:/docker/abc/inner\n2:memory:/docker/abc\n")
        #expect(table.legacy("memory")?.directory == "/sys/fs/cgroup/memory")
        #expect(table.legacy("pids")?.directory == "/sys/fs/cgroup/pids/inner")
    }

    @Test func `a cgroup outside of the mount has no directory`() {
        let table = CgroupTable(
            mountinfo:
                "30 25 0:26 /docker/abc /m rw - cgroup cgroup rw,memory\n26 23 0:22 / /u rw - cgroup2 none rw\n",
            cgroup: "2:memory:/docker/abcdef\n0::/../other\n")
        #expect(table.legacy("memory")?.directory == nil)
        #expect(table.unified?.directory == nil)
    }

    @Test func `spaces in mount points are unescaped`() {
        let table = CgroupTable(
            mountinfo: #"30 25 0:26 / /my\040cgroups\134x rw - cgroup cgroup rw,memory"#,
            cgroup: "2:memory:/\n")
        #expect(table.legacy("memory")?.mountPoint == #"/my cgroups\x"#)
    }

    @Test func `lines that make no sense are passed over`() {
        var random = SplitMix(state: 3)
        let pieces = [
            "cgroup", "cgroup2", "-", "/", " ", ":", "\n", "rw,memory", "0::/", "2:memory:/x", "\\04",
            "\\999", "é",
        ]
        for _ in 0..<5000 {
            func text() -> String {
                (0..<Int.random(in: 0..<30, using: &random)).map { _ in pieces.randomElement(using: &random)!
                }.joined()
            }
            _ = CgroupTable(mountinfo: text(), cgroup: text()).unified?.directory
        }
        #expect(CgroupTable(mountinfo: "", cgroup: "").kind == .none)
    }

    @Test func `a machine without cgroups says which limits it does not enforce`() {
        let plan = CgroupPlan(table: CgroupTable(mountinfo: "", cgroup: ""), name: "apollo-test") { _ in false
        }
        let (cgroup, warnings) = plan.make("x", AttemptLimits(cpuMillis: 100, memory: 1 << 20, processes: 5))
        #expect(cgroup.directories.isEmpty)
        #expect(
            warnings.map { $0.prefix(while: { $0 != ":" }) } == [
                "cpu limit not enforced", "memory limit not enforced", "process limit not enforced",
            ])
        #expect(plan.make("x", AttemptLimits()).warnings.isEmpty)
    }

    @Test func `a hierarchy that may not be written is said with its path`() {
        let table = CgroupTable(
            mountinfo: "30 25 0:26 / /proc/self/no rw - cgroup cgroup rw,memory\n", cgroup: "2:memory:/\n")
        let plan = CgroupPlan(table: table, name: "apollo-test") { _ in false }
        let warnings = plan.make("x", AttemptLimits(memory: 1 << 20)).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("/proc/self/no/apollo-test") == true)
    }

    @Test func `kills for memory are read from the files of both versions`() throws {
        var template = Array("/tmp/apollo-cgroup-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? deleteTree(directory) }
        try write("low 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n", directory + "/memory.events")
        try write("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n", directory + "/memory.oom_control")
        #expect(AttemptCgroup(memory: .init(directory: directory, isVersion2: true)).memoryKills == 2)
        #expect(AttemptCgroup(memory: .init(directory: directory, isVersion2: false)).memoryKills == 4)
        #expect(
            AttemptCgroup(memory: .init(directory: directory + "/none", isVersion2: false)).memoryKills == 0)
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try Descriptor.open(path, O_WRONLY | O_CREAT)
        try file.writeAll(Array(text.utf8), to: path)
    }

    @Test func `a process's start is read past a name with parentheses and spaces`() {
        let fields = (4...21).map(String.init).joined(separator: " ")
        #expect(ProcessTable.parseStat("12 (a) b ) (c)) S \(fields) 777 9 9")?.ticks == 777)
        #expect(ProcessTable.parseStat("12 (x) Z \(fields) 777 9 9")?.isZombie == true)
        for text in ["", "12 (x", "12 (x) S 1 2", "(x) S " + fields + " q"] {
            #expect(ProcessTable.parseStat(text) == nil)
        }
    }
}
