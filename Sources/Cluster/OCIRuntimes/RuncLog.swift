import ClusterModel
import Documents
import TaskRuntimes

/// What runc says of failures: lines of JSON with a level and a message (`--log-format json`).
enum RuncLog {
    /// The last error; nil where there is none.
    static func lastError(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
            // A line that was not written to its end says nothing.
            guard let record = try? JSONReader().read(Array(line)), record["level"]?.string == "error" else {
                continue
            }
            return record["msg"]?.string
        }
        return nil
    }

    /// What the words of runc 1.0 and 1.1 mean; it has no codes for it.
    static func meaning(of message: String, _ spec: TaskSpec) -> RuntimeError {
        let image = spec.image ?? ""
        let short = message.replacing("runc run failed: unable to start container process: ", with: "")
        func says(_ phrases: String...) -> Bool { phrases.contains { message.contains($0) } }
        if says("error mounting", "creating device nodes") {
            return .rejected(
                "a mount cannot be used: \(short)", hint: "check that it exists, and is the same kind")
        }
        if says("exec: "), says("executable file not found", "no such file or directory") {
            return .rejected(
                "the command was not found in image '\(image)': \(short)",
                hint: "check its spelling, and that its interpreter is in the image")
        }
        if says("exec: ", "exec format error"), says("permission denied", "exec format error") {
            return .rejected(
                "the command in image '\(image)' is not an executable file: \(short)",
                hint: "check its mode, and that it is built for this machine")
        }
        if says("chdir to cwd") {
            return .rejected(
                "workingDirectory: '\(spec.workingDirectory ?? "")' cannot be entered: \(short)", hint: nil)
        }
        if says("memory limit too low", "container init was OOM-killed") {
            return .rejected(
                "the memory limit is too low for a container: \(short)", hint: "allow at least 6Mi")
        }
        if says("no space left on device") {
            return .exhausted(short, hint: "make room on the disk of Apollo's data")
        }
        return .failed("the container could not be started: \(short)")
    }
}
