import Glibc
import Testing

/// The crash writer, which the package manager builds beside the tests.
let program: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let tests = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    // The test runner may be the bundle itself, or the toolchain's helper with the bundle as an argument.
    let bundles = [tests] + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
    let candidates = bundles.compactMap { bundle in
        bundle.lastIndex(of: "/").map { bundle[..<$0] + "/apollo-crash-writer" }
    }
    return String(candidates.first { access(String($0), X_OK) == 0 } ?? "apollo-crash-writer-not-found")
}()

/// Starts `program` with its standard output to `output`.
func spawn(_ program: String, _ arguments: [String], output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var process = pid_t()
    let result = posix_spawn(&process, program, &actions, nil, &argv, environ)
    try #require(result == 0, "cannot start \(program): \(String(cString: strerror(result)))")
    return process
}
