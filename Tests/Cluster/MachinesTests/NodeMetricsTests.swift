import Cgroups
import ClusterModel
import Core
import Testing

@testable import Machines

@Suite("What a machine is busy with")
struct NodeMetricsTests {
    @Test("the processors' time is busy but for idling and waiting for disks")
    func processors() throws {
        let stat = "cpu  100 10 50 700 40 5 5 90 30 0\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2\nintr 5 4\n"
        let times = try #require(MachineReading.processorTimes(stat))
        #expect(times.all == 1000)
        #expect(times.busy == 260)
        let reading = MachineReading(
            stat: stat, loadavg: "0.25 1.5 2.75 3/400 1234\n",
            meminfo: "MemTotal: 2048 kB\nMemAvailable: 512 kB\n")
        #expect(reading?.processors == 2)
        #expect(reading?.load == [0.25, 1.5, 2.75])
    }

    @Test(
        "what is no such line says nothing",
        arguments: ["", "cpu", "cpu0 1 2 3 4 5 6 7 8", "cpu a b c d e f g h"])
    func odd(text: String) { #expect(MachineReading.processorTimes(text) == nil) }

    @Test("memory is told in kibibytes")
    func memory() {
        let text = "MemTotal:       2048 kB\nMemFree:  1 kB\nMemAvailable:   512 kB\n"
        #expect(MachineReading.bytes("MemAvailable", in: text)! == 524_288)
        #expect(MachineReading.bytes("Mem", in: text) == nil)
        #expect(MachineReading.bytes("MemTotal", in: "MemTotal: -5 kB\n") == nil)
        #expect(MachineReading.bytes("MemTotal", in: "MemTotal: 9223372036854775807 kB\n") == nil)
    }

    @Test("the share that was busy is that since the reading before")
    func share() {
        var share = ProcessorShare()
        #expect(share.take(ProcessorTimes(busy: 100, elapsed: 100, cores: 2)) == 0.5)
        #expect(share.take(ProcessorTimes(busy: 101.5, elapsed: 101, cores: 2)) == 0.75)
        // Many who ask do not spoil it for one another.
        #expect(share.take(ProcessorTimes(busy: 101.5, elapsed: 101.01, cores: 2)) == 0.75)
        #expect(share.take(ProcessorTimes(busy: 101.5, elapsed: 101.19, cores: 2)) == 0.75)
        #expect(share.take(ProcessorTimes(busy: 101.5, elapsed: 102, cores: 2)) == 0)
        // Another cgroup's counter, or one that began anew.
        #expect(share.take(ProcessorTimes(busy: 1, elapsed: 103, cores: 2)) == 0)
        #expect(share.take(ProcessorTimes(busy: 9, elapsed: 104, cores: 2)) == 1)
        #expect(share.take(ProcessorTimes(busy: 1, elapsed: 1, cores: 2)) == 0)
    }

    @Test("the tightest limit of the cgroups around it counts, of version 2")
    func unified() {
        let table = CgroupTable(
            mountinfo: "26 23 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
            cgroup: "0::/a.slice/b.service\n")
        let files = [
            "/sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
            "/sys/fs/cgroup/a.slice/b.service/memory.current": "50\n",
            "/sys/fs/cgroup/a.slice/b.service/cpu.max": "200000 100000\n",
            "/sys/fs/cgroup/a.slice/b.service/cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
            "/sys/fs/cgroup/a.slice/memory.max": "1000\n",
            "/sys/fs/cgroup/a.slice/memory.current": "700\n",
            "/sys/fs/cgroup/a.slice/memory.stat": "anon 1\ninactive_file 200\n",
            "/sys/fs/cgroup/a.slice/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/a.slice/cpu.stat": "usage_usec 9500000\n",
        ]
        let bounds = CgroupBounds(table) { files[$0] }
        #expect(bounds.memory == CgroupBounds.Memory(limit: 1000, used: 500))
        #expect(bounds.processors == CgroupBounds.Processors(limit: 2, used: 1.5))
    }

    @Test("so it does of version 1, where none is a large number")
    func legacy() {
        let table = CgroupTable(
            mountinfo: """
                33 31 0:30 / /cg/cpu rw,nosuid shared:7 - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /cg/memory rw,relatime - cgroup cgroup rw,memory
                """, cgroup: "4:memory:/a/b\n2:cpu,cpuacct:/x\n")
        let files = [
            "/cg/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
            "/cg/memory/a/b/memory.usage_in_bytes": "5\n",
            "/cg/memory/a/memory.limit_in_bytes": "4096\n",
            "/cg/memory/a/memory.usage_in_bytes": "4000\n",
            "/cg/memory/a/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\n",
            "/cg/cpu/x/cpu.cfs_quota_us": "50000\n", "/cg/cpu/x/cpu.cfs_period_us": "100000\n",
            "/cg/cpu/x/cpuacct.usage": "2500000000\n", "/cg/cpu/cpu.cfs_quota_us": "-1\n",
        ]
        let bounds = CgroupBounds(table) { files[$0] }
        #expect(bounds.memory == CgroupBounds.Memory(limit: 4096, used: 3000))
        #expect(bounds.processors == CgroupBounds.Processors(limit: 0.5, used: 2.5))
    }

    @Test("a quota of version 1 counts where its use is counted in a hierarchy of its own")
    func apart() {
        let table = CgroupTable(
            mountinfo: """
                33 31 0:30 / /cg/cpu rw,nosuid shared:7 - cgroup cgroup rw,cpu
                34 31 0:31 / /cg/cpuacct rw,nosuid shared:8 - cgroup cgroup rw,cpuacct
                """, cgroup: "3:cpuacct:/counted\n2:cpu:/x/y\n")
        var files = [
            "/cg/cpu/x/cpu.cfs_quota_us": "150000\n", "/cg/cpu/x/cpu.cfs_period_us": "100000\n",
            "/cg/cpu/x/y/cpu.cfs_quota_us": "-1\n", "/cg/cpu/x/y/cpu.cfs_period_us": "100000\n",
            "/cg/cpuacct/counted/cpuacct.usage": "4000000000\n", "/cg/cpuacct/cpuacct.usage": "9000000000\n",
        ]
        let bounds = CgroupBounds(table) { files[$0] }
        #expect(bounds.processors == CgroupBounds.Processors(limit: 1.5, used: 4))
        // Without an account there is no telling.
        files["/cg/cpuacct/counted/cpuacct.usage"] = nil
        #expect(CgroupBounds(table) { files[$0] }.processors == nil)
    }

    @Test("a worker that is given less than the machine has tells of what it is given")
    func bounded() throws {
        let machine = try #require(
            MachineReading(
                stat: "cpu  100 0 0 300 0 0 0 0 0 0\ncpu0 1\ncpu1 1\n", loadavg: "0 0 0 1/2 3\n",
                meminfo: "MemTotal: 8 kB\nMemAvailable: 2 kB\n"))
        var bounds = CgroupBounds(CgroupTable(mountinfo: "", cgroup: "")) { _ in nil }
        #expect(NodeMetricsReader.memory(machine, bounds) == (6144, 8192))
        #expect(
            NodeMetricsReader.times(machine, bounds, ticks: 100)
                == ProcessorTimes(busy: 1, elapsed: 2, cores: 2))
        bounds.memory = CgroupBounds.Memory(limit: 4096, used: 1000)
        bounds.processors = CgroupBounds.Processors(limit: 0.5, used: 0.25)
        #expect(NodeMetricsReader.memory(machine, bounds) == (1000, 4096))
        #expect(
            NodeMetricsReader.times(machine, bounds, ticks: 100)
                == ProcessorTimes(busy: 0.25, elapsed: 2, cores: 0.5))
        // A limit above what there is limits nothing.
        bounds.memory?.limit = 16384
        bounds.processors?.limit = 4
        #expect(NodeMetricsReader.memory(machine, bounds) == (6144, 8192))
        #expect(NodeMetricsReader.times(machine, bounds, ticks: 100).cores == 2)
    }

    @Test("what is offered to tasks is what the cgroups leave, where that is less")
    func capacity() {
        var bounds = CgroupBounds(CgroupTable(mountinfo: "", cgroup: "")) { _ in nil }
        #expect(NodeInventory.memory(.gibibytes(24), bounds) == .gibibytes(24))
        #expect(NodeInventory.cpuMillis(4, bounds) == 4000)
        bounds.memory = CgroupBounds.Memory(limit: 2 << 30, used: 1000)
        bounds.processors = CgroupBounds.Processors(limit: 1.5, used: 0.25)
        #expect(NodeInventory.memory(.gibibytes(24), bounds) == .gibibytes(2))
        #expect(NodeInventory.cpuMillis(4, bounds) == 1500)
        #expect(NodeInventory.memory(.gibibytes(1), bounds) == .gibibytes(1))
        #expect(NodeInventory.cpuMillis(1, bounds) == 1000)
    }

    @Test("this machine tells")
    func live() throws {
        struct Clock: WallClock {
            var now: Timestamp { Timestamp(microseconds: 1) }
        }
        let reader = NodeMetricsReader(dataDirectory: "/", clock: Clock())
        let metrics = try #require(reader.read(tasks: 3))
        #expect(metrics.tasks == 3)
        #expect((0...1).contains(metrics.cpuBusy))
        #expect(metrics.load.count == 3)
        #expect(metrics.memoryTotal > metrics.memoryUsed)
        #expect(metrics.diskTotal.bytes > 0)
    }
}
