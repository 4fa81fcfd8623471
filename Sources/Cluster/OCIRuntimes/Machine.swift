import CApollo
import Concurrency
import Core
import Files
import Glibc
import ProcessRuntimes
import Synchronization
import TaskRuntimes

/// What a machine has for containers by runc, or why it has not, found out without changing anything; for people.
public struct OCIReport: Hashable, Sendable {
    /// What is there: `runc 1.1.5, cgroups: version 2, …`; nil where containers cannot be made.
    public var detail: String?
    public var hasInit: Bool
    public var obstacle: String?
    public var hint: String?

    public init(detail: String?, hasInit: Bool = false, obstacle: String? = nil, hint: String? = nil) {
        self.detail = detail
        self.hasInit = hasInit
        self.obstacle = obstacle
        self.hint = hint
    }

    /// Looks; blocks for up to 10 s.
    public static func read(_ settings: OCISettings) -> OCIReport {
        do throws(RuntimeError) {
            let machine = try Machine.look(settings)
            return OCIReport(detail: machine.description, hasInit: machine.initProgram != nil)
        } catch {
            let reason = error.asApolloError
            return OCIReport(detail: nil, obstacle: reason.message, hint: reason.hint)
        }
    }
}

/// What of this machine containers stand on, found out once.
struct Machine: Hashable {
    /// The low-level runtime.
    var program: String
    /// `runc 1.1.5`.
    var version: String
    var initProgram: String?
    /// Why a controller's limits are not enforced: `cpu`, `memory`, `pids`.
    var obstacles: [String: String]
    var limitsSwap: Bool
    var hierarchy: String
    /// What of this machine containers are not to see: how hot its processors are tells of what others do.
    var hiddenPaths: [String]

    var description: String {
        let limits = ["cpu", "memory", "pids"].filter { obstacles[$0] == nil }.joined(separator: ", ")
        return "\(version), overlayfs, cgroups: \(hierarchy), limits: \(limits.isEmpty ? "none" : limits)"
    }

    /// Looks, and mounts something; blocks. Throws ``RuntimeError/unavailable(_:hint:)`` where containers cannot be made.
    static func find(_ settings: OCISettings) throws(RuntimeError) -> Machine {
        let machine = try look(settings)
        try tryOverlay(settings)
        return machine
    }

    /// Looks, and changes nothing; blocks.
    static func look(_ settings: OCISettings) throws(RuntimeError) -> Machine {
        guard geteuid() == 0 else {
            throw .unavailable("only root can make containers without an engine", hint: "run Apollo as root")
        }
        guard let program = settings.programs.first(where: { access($0, X_OK) == 0 }) else {
            throw .unavailable("there is no runc", hint: "Debian: apt install runc")
        }
        let version: String
        do throws(BoundedCommand.Failure) {
            let output = try BoundedCommand([program, "--version"]).run(within: .seconds(10))
            // `runc version 1.1.5+ds1`
            let words = String(decoding: output, as: UTF8.self).prefix { !$0.isNewline }.split(separator: " ")
            guard words.count >= 3, words[0] == "runc" else {
                throw .unusable("it is no runc")
            }
            version = "runc \(words[2].prefix { $0 != "+" })"
        } catch {
            throw .unavailable("\(program) cannot be used: \(error)", hint: "Debian: apt install runc")
        }
        let report = CgroupReport.read()
        var obstacles: [String: String] = [:]
        for limit in report.limits { obstacles[limit.controller] = limit.obstacle }
        return Machine(
            program: program, version: version,
            initProgram: settings.inits.first { access($0, X_OK) == 0 }, obstacles: obstacles,
            limitsSwap: report.limitsSwap, hierarchy: report.hierarchy, hiddenPaths: hiddenPaths())
    }

    private static func hiddenPaths() -> [String] {
        let processors = "/sys/devices/system/cpu"
        return DirectoryNames.found(in: processors).sorted().map { "\(processors)/\($0)/thermal_throttle" }
            .filter { access($0, F_OK) == 0 }
    }

    /// Mounts an overlay where those of containers will be: their directory may be on a file system that has none.
    private static func tryOverlay(_ settings: OCISettings) throws(RuntimeError) {
        guard mkdir(settings.directory, 0o700) == 0 || errno == EEXIST else {
            throw .system("cannot make \(settings.directory)")
        }
        var template = Array("\(settings.directory)/probe-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .system("cannot make a directory in \(settings.directory)")
        }
        let place = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // It is empty but for these.
        defer { try? DirectoryTree.remove(place) }
        for name in ["lower", "upper", "work", "root"] { mkdir("\(place)/\(name)", 0o700) }
        let options = "lowerdir=\(place)/lower,upperdir=\(place)/upper,workdir=\(place)/work"
        guard capollo_mount_overlay(place + "/root", options) == 0 else {
            let why = String(cString: strerror(errno))
            throw .unavailable(
                "overlayfs cannot be mounted in \(settings.directory): \(why)",
                hint: "the kernel needs it, and the directory has to be on a file system such as ext4 or xfs")
        }
        capollo_unmount(place + "/root")
    }
}

extension OCIRuntime {
    /// What was found of the machine; looked for again until it can be used.
    func usableMachine() async throws(RuntimeError) -> Machine {
        if let known = machine.withLock({ $0 }) { return known }
        let settings = settings
        let found = try await blocking("looking for runc") { () throws(RuntimeError) in
            try Machine.find(settings)
        }
        machine.withLock { $0 = found }
        return found
    }
}
