import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

extension StartFailure {
    /// What it means, to those who asked for the process.
    func error(_ order: LaunchOrder) -> RuntimeError {
        let why = SystemError.text(errno)
        switch step {
        case CAPOLLO_SPAWN_EXECUTE:
            return executionError("executable", order.arguments[0], order.candidates)
        case CAPOLLO_SPAWN_DIRECTORY:
            return .rejected(
                "workingDirectory: '\(order.directory)': \(why)", hint: "it has to exist on this host")
        case CAPOLLO_SPAWN_MOUNT:
            guard Int(index) < order.mounts.count else {
                return .rejected("mounts: no mount namespace: \(why)", hint: "it needs CAP_SYS_ADMIN")
            }
            let mount = order.mounts[Int(index)]
            return .rejected("mounts[\(index)]: '\(mount.source)' on '\(mount.target)': \(why)", hint: nil)
        case CAPOLLO_SPAWN_IDENTITY:
            return .rejected("user: cannot become it: \(why)", hint: "run Apollo as root")
        case CAPOLLO_SPAWN_CLONE where errno == EAGAIN || errno == ENOMEM:
            return .exhausted("this machine has no room for another process: \(why)", hint: "see `ulimit -u`")
        case Self.pipes where errno == EMFILE || errno == ENFILE:
            return .exhausted("no open files are left for another attempt: \(why)", hint: "see `ulimit -n`")
        case Self.program: return .failed("the program that starts it ended with exit code \(errno)")
        case Self.handover: return .failed("the program that starts it left no process")
        default: return .failed("the process could not be started, step \(step): \(why)")
        }
    }

    /// Why a program that was asked for in `field` cannot be executed.
    func executionError(_ field: String, _ name: String, _ candidates: [String]) -> RuntimeError {
        let why = SystemError.text(errno)
        let path = Int(index) < candidates.count ? candidates[Int(index)] : name
        switch errno {
        case ENOENT:
            // The kernel says the same of a file that is there but whose interpreter is not.
            if let present = candidates.first(where: { access($0, F_OK) == 0 }) {
                return .rejected(
                    "\(field): '\(present)' cannot run: its interpreter is not on this host",
                    hint: "look at its first line (#!), or at `file \(present)`")
            }
            let isPath = name.contains("/")
            return .rejected(
                "\(field): '\(name)' is not on this host",
                hint: isPath
                    ? "give the path of a file that is there" : "it is not in the task's PATH; give a path")
        case EACCES:
            return .rejected("\(field): '\(path)' may not be executed", hint: "try chmod +x \(path)")
        case ENOEXEC:
            return .rejected(
                "\(field): '\(path)' is not a program for this machine",
                hint: "a script needs a first line such as #!/bin/sh, a binary this machine's architecture")
        case E2BIG:
            return .rejected(
                "command: arguments and environment are longer than this system takes", hint: nil)
        case ENOMEM: return .exhausted("no memory to run '\(path)'", hint: nil)
        default: return .rejected("\(field): '\(path)': \(why)", hint: nil)
        }
    }
}
