import Core
import Glibc

/// A program that a benchmark runs beside itself. It ends when its handle does.
final class ChildProgram: Sendable {
    let processID: pid_t
    private let input: Int32
    private let output: Int32

    /// Starts `command`, whose first element is a path. Its standard error is this program's.
    init(_ command: [String]) throws {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard Self.makePipe(&toChild) else { throw Self.failure("make a pipe", errno) }
        guard Self.makePipe(&fromChild) else {
            let code = errno
            for end in toChild { close(end) }
            throw Self.failure("make a pipe", code)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let code = posix_spawn(&child, command[0], &actions, nil, &arguments, environ)
        close(toChild[0])
        close(fromChild[1])
        guard code == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw Self.failure("start '\(command[0])'", code)
        }
        processID = child
        input = toChild[1]
        output = fromChild[0]
    }

    deinit {
        close(input)
        close(output)
    }

    /// A pipe that other children do not get.
    private static func makePipe(_ ends: inout [Int32]) -> Bool {
        guard pipe(&ends) == 0 else { return false }
        return ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
    }

    private static func failure(_ action: String, _ code: Int32) -> ApolloError {
        ApolloError(.unavailable, "cannot \(action): \(String(cString: strerror(code)))")
    }

    /// The next line it writes; nil at the end. Blocks.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// All that it writes until its end. Blocks.
    func readAll() -> String {
        var text = ""
        while let line = readLine() { text += line + "\n" }
        return text
    }

    /// Waits for its end. The exit code, or minus the signal. Blocks.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// Asks it to end, and waits for that; after 5 s it must.
    func stop() {
        kill(processID, SIGTERM)
        for _ in 0..<500 {
            var status: Int32 = 0
            if waitpid(processID, &status, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(processID, SIGKILL)
        wait()
    }

    /// Runs `command` to its end and returns what it wrote. Throws unless it ended with 0.
    static func output(of command: [String]) throws -> String {
        let child = try ChildProgram(command)
        let text = child.readAll()
        let code = child.wait()
        guard code == 0 else {
            throw ApolloError(
                .unavailable, "'\(command.joined(separator: " "))' ended with \(code)", hint: text)
        }
        return text
    }

    /// The time on the processors that the process and its children have had, in seconds.
    var processorTime: Double { ProcessorTime.ofTree(processID) }
}

/// Time on processors, by /proc.
enum ProcessorTime {
    static func ofTree(_ root: pid_t) -> Double {
        var total = ofProcess(root)
        for child in children(of: root) { total += ofTree(child) }
        return total
    }

    /// In nanoseconds by `schedstat` of each thread; proc(5) has ticks of 10 ms only.
    private static func ofProcess(_ process: pid_t) -> Double {
        Files.names(in: "/proc/\(process)/task").reduce(0.0) { total, thread in
            let text = Files.contents("/proc/\(process)/task/\(thread)/schedstat")
            return total + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
        }
    }

    private static func children(of process: pid_t) -> [pid_t] {
        Files.names(in: "/proc/\(process)/task").flatMap { thread in
            Files.contents("/proc/\(process)/task/\(thread)/children").split(separator: " ").compactMap {
                pid_t($0)
            }
        }
    }
}

/// What benchmarks need of the file system.
enum Files {
    static func names(in directory: String) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func contents(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
