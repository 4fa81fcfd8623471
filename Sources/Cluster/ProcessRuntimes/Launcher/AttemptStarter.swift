import CApollo
import ClusterModel
import Core
import Glibc

/// Makes a process of an order: its cgroups, its pipes, and the spawn.
struct AttemptStarter {
    var plan: CgroupPlan
    /// What tasks get, as the launcher itself was given it before it took more.
    var openFiles: rlimit
    /// The launcher's own badness for the kernel's choice of a victim, before it lowered it; nil when it did not.
    var oomScore: String?

    /// A process that runs.
    struct Started {
        var process: ProcessStamp
        var cgroup: AttemptCgroup
        var warnings: [String]
        /// The read ends of stdout and stderr.
        var pipes: [Descriptor]
        var pipeInodes: [UInt64]
    }

    /// Starts it, or leaves nothing behind.
    func start(_ order: LaunchOrder) throws(StartFailure) -> Started {
        let outputs = [try Self.pipe(order.identity), try Self.pipe(order.identity)]
        let (cgroup, warnings) = plan.make(order.attempt.text, order.limits)
        do throws(StartFailure) {
            let pid = try spawn(order, cgroup, outputs.map(\.taskEnd))
            // It may have ended already, but it is ours to reap, so its number is still its own.
            let ticks = ProcessTable.start(of: pid)?.ticks ?? 0
            return Started(
                process: ProcessStamp(pid: pid, startTicks: ticks), cgroup: cgroup, warnings: warnings,
                pipes: outputs.map(\.readEnd), pipeInodes: outputs.map(\.inode))
        } catch {
            _ = cgroup.remove()
            throw error
        }
    }

    /// Starts the program that makes the attempt's first process, which puts that where it belongs.
    func startProgram(_ order: LaunchOrder) throws(StartFailure) -> Started {
        let owner = order.environment.first { $0.hasPrefix(Handover.outputOwner) }
            .flatMap { UInt32($0.dropFirst(Handover.outputOwner.count)) }
            .map { ProcessIdentity(user: $0, group: $0, groups: []) }
        let outputs = [try Self.pipe(owner), try Self.pipe(owner)]
        let pid = try spawn(order, AttemptCgroup(), outputs.map(\.taskEnd))
        return Started(
            process: ProcessStamp(pid: pid, startTicks: ProcessTable.start(of: pid)?.ticks ?? 0),
            cgroup: AttemptCgroup(), warnings: [], pipes: outputs.map(\.readEnd),
            pipeInodes: outputs.map(\.inode))
    }

    /// A pipe whose task's end is open for reading too: when the launcher dies, the task neither gets SIGPIPE nor loses
    /// what is in the pipe, and the next launcher reads on from `/proc/<pid>/fd`.
    private static func pipe(
        _ identity: ProcessIdentity?
    ) throws(StartFailure) -> (readEnd: Descriptor, taskEnd: Descriptor, inode: UInt64) {
        var ends: [Int32] = [-1, -1]
        var inode: UInt64 = 0
        guard capollo_launcher_pipe(&ends, &inode) == 0 else {
            throw StartFailure(step: StartFailure.pipes, errno: errno, index: 0)
        }
        // So that the task can open its own /dev/stdout.
        if let identity { fchown(ends[1], identity.user, identity.group) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]), inode)
    }

    private func spawn(
        _ order: LaunchOrder, _ cgroup: AttemptCgroup, _ outputs: [Descriptor]
    ) throws(StartFailure) -> Int32 {
        var doors: [Descriptor] = []
        for (index, directory) in cgroup.directories.enumerated() {
            // The reason is in errno, and goes into the failure below.
            guard let door = try? Descriptor.open(directory + "/cgroup.procs", O_WRONLY) else {
                throw StartFailure(step: CAPOLLO_SPAWN_CGROUP, errno: errno, index: UInt32(index))
            }
            doors.append(door)
        }
        let candidates = CStrings(order.candidates)
        let arguments = CStrings(order.arguments)
        let environment = CStrings(order.environment)
        let paths = CStrings(
            [order.directory, oomScore ?? ""] + order.mounts.flatMap { [$0.source, $0.target] })
        let mounts = order.mounts.indices.map { index in
            capollo_mount(
                source: paths[2 + 2 * index], target: paths[3 + 2 * index],
                read_only: order.mounts[index].readOnly ? 1 : 0)
        }
        let groups = order.identity?.groups ?? []
        var request = capollo_spawn_request()
        request.candidates = candidates.pointer
        request.arguments = arguments.pointer
        request.environment = environment.pointer
        request.directory = paths[0]
        request.files = (-1, outputs[0].number, outputs[1].number)
        request.open_files = UInt64(openFiles.rlim_cur)
        request.open_files_most = UInt64(openFiles.rlim_max)
        request.oom_score = oomScore == nil ? nil : paths[1]
        request.no_new_privileges = 1
        if let identity = order.identity {
            request.changes_identity = 1
            request.user = identity.user
            request.group = identity.group
        }
        let pid = mounts.withUnsafeBufferPointer { mounts in
            groups.withUnsafeBufferPointer { groups in
                doors.map(\.number).withUnsafeBufferPointer { doors in
                    request.mounts = mounts.baseAddress
                    request.mount_count = mounts.count
                    request.groups = groups.baseAddress
                    request.group_count = groups.count
                    request.cgroups = doors.baseAddress
                    request.cgroup_count = doors.count
                    return capollo_spawn(&request)
                }
            }
        }
        withExtendedLifetime((doors, outputs, candidates, arguments, environment, paths)) {}
        guard pid > 0 else {
            throw StartFailure(
                step: request.failed_step, errno: request.failed_errno, index: UInt32(request.failed_index))
        }
        return pid
    }
}

/// Strings as C wants a list of them: pointers, the last one null.
final class CStrings {
    private let storage: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        storage = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            (storage + index).initialize(to: UnsafePointer(strdup(string)))
        }
        (storage + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(UnsafeMutablePointer(mutating: storage[index])) }
        storage.deallocate()
    }

    var pointer: UnsafePointer<UnsafePointer<CChar>?> { UnsafePointer(storage) }

    subscript(index: Int) -> UnsafePointer<CChar>? { storage[index] }
}
