import ClusterModel
import Concurrency
import Core
import Glibc
import ProcessRuntimes
import TaskRuntimes

// A user of the process runtime that is killed by a test: starts each script that it is given, prints the attempts'
// identifiers, and waits on the first, which never ends by itself.
//
//     process-runtime-victim DIRECTORY LAUNCHER SCRIPT...

let words = CommandLine.arguments
let settings = ProcessRuntime.Settings(directory: words[1], launcher: [words[2]])
let runtime = ProcessRuntime(settings: settings, environment: .live)
var started: [AttemptID] = []
for script in words.dropFirst(3) {
    let environment = Environment.live
    let launch = AttemptLaunch(
        attempt: environment.identifier(), task: environment.identifier(), taskName: "victim",
        project: "default",
        spec: TaskSpec(executable: "/bin/sh", command: ["-c", script]))
    _ = try await runtime.start(launch) { _ in }
    started.append(launch.attempt)
}
print(started.map(\.text).joined(separator: " "))
fflush(nil)
_ = try await runtime.wait(started[0])
