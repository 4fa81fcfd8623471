import CApollo
import Concurrency
import Core
import Files
import Glibc
import OCIBundles
import ProcessRuntimes
import Synchronization
import TaskRuntimes

/// What a machine has for containers by runc, or why it has not, found out without changing anything; for people.
public struct OCIReport: Hashable, Sendable {
    /// What is there: `runc 1.1.5, cgroups: version 2, …`; nil where containers cannot be made.
    public var detail: String?
    public var hasInit: Bool
    /// Why containers have no users of their own, though the settings do not say so; nil where they have.
    public var usersObstacle: String?
    public var obstacle: String?
    public var hint: String?

    public init(
        detail: String?, hasInit: Bool = false, usersObstacle: String? = nil, obstacle: String? = nil,
        hint: String? = nil
    ) {
        self.detail = detail
        self.hasInit = hasInit
        self.usersObstacle = usersObstacle
        self.obstacle = obstacle
        self.hint = hint
    }

    /// Looks; blocks for up to 10 s.
    public static func read(_ settings: OCISettings) -> OCIReport {
        do throws(RuntimeError) {
            let machine = try Machine.look(settings)
            return OCIReport(
                detail: machine.description, hasInit: machine.initProgram != nil,
                usersObstacle: settings.users == .host ? nil : machine.usersObstacle)
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
    /// Why containers have no users of their own; nil where they can have them.
    var usersObstacle: String?
    var hierarchy: String
    /// What of this machine containers are not to see: how hot its processors are tells of what others do.
    var hiddenPaths: [String]

    var description: String {
        let limits = ["cpu", "memory", "pids"].filter { obstacles[$0] == nil }.joined(separator: ", ")
        return
            "\(version), overlayfs, cgroups: \(hierarchy), limits: \(limits.isEmpty ? "none" : limits), "
            + "users: \(usersObstacle.map { "the machine's (\($0))" } ?? "their own")"
    }

    /// Looks, and mounts something; blocks. Throws ``RuntimeError/unavailable(_:hint:)`` where containers cannot be made.
    static func find(_ settings: OCISettings) throws(RuntimeError) -> Machine {
        var machine = try look(settings)
        try tryOverlay(settings, &machine.usersObstacle)
        if settings.users == .always, let obstacle = machine.usersObstacle {
            throw .unavailable(
                "containers cannot have users of their own: \(obstacle)",
                hint: "with oci.userns: auto they have the machine's then")
        }
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
            limitsSwap: report.limitsSwap, usersObstacle: usersObstacle(settings, version),
            hierarchy: report.hierarchy, hiddenPaths: hiddenPaths())
    }

    private static func usersObstacle(_ settings: OCISettings, _ version: String) -> String? {
        if settings.users == .host { return "oci.userns is host" }
        // From 1.1 on it opens what is to be mounted before it becomes another user.
        if version.hasPrefix("runc 1.0") { return "\(version) cannot, 1.1 can" }
        var place = settings.directory
        while access(place, F_OK) != 0, let slash = place.lastIndex(of: "/") {
            place = String(place[..<slash])
        }
        return UserSpace.obstacle(at: place.isEmpty ? "/" : place, settings.subordinates)
    }

    private static func hiddenPaths() -> [String] {
        let processors = "/sys/devices/system/cpu"
        return DirectoryNames.found(in: processors).sorted().map { "\(processors)/\($0)/thermal_throttle" }
            .filter { access($0, F_OK) == 0 }
    }

    /// Mounts an overlay where those of containers will be: their directory may be on a file system that has none.
    ///
    /// - Parameter usersObstacle: nil where layers may have other owners as far as is known; then why they may not.
    private static func tryOverlay(
        _ settings: OCISettings, _ usersObstacle: inout String?
    ) throws(RuntimeError) {
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
        for name in ["lower", "mapped", "upper", "work", "root"] { mkdir("\(place)/\(name)", 0o700) }
        func options(_ lower: String) -> String {
            "lowerdir=\(place)/\(lower),upperdir=\(place)/upper,workdir=\(place)/work"
        }
        guard capollo_mount_overlay(place + "/root", options("lower")) == 0 else {
            let why = String(cString: strerror(errno))
            throw .unavailable(
                "overlayfs cannot be mounted in \(settings.directory): \(why)",
                hint: "the kernel needs it, and the directory has to be on a file system such as ext4 or xfs")
        }
        capollo_unmount(place + "/root")
        guard usersObstacle == nil else { return }
        let space = try UserSpace(.init(host: settings.subordinates.first, count: SubordinateUsers.each))
        guard let mount = space.mapped(place + "/lower", recursive: false) else {
            throw .system("cannot mount \(place)/lower with other owners")
        }
        defer {
            close(mount)
            capollo_unmount(place + "/mapped")
        }
        guard capollo_attach_mount(mount, place + "/mapped") == 0,
            capollo_mount_overlay(place + "/root", options("mapped")) == 0
        else {
            usersObstacle =
                "overlayfs takes no layers with other owners, before Linux 5.19: \(String(cString: strerror(errno)))"
            return
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
