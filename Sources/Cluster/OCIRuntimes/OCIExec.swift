public import ClusterModel
public import Core
import Documents
import Glibc
import OCIBundles
import ProcessRuntimes
public import TaskRuntimes

/// Programs beside a container's own.
extension OCIRuntime {
    public func exec(
        _ attempt: AttemptID, _ request: ExecRequest
    ) async throws(RuntimeError) -> any ExecSession {
        let main = try await processes.process(of: attempt)
        let machine = try await usableMachine()
        let files = files(attempt)
        let number = environment.random.next()
        let pidFile = "\(files.bundle)/exec-\(String(number, radix: 16))"
        let owner = try await blocking("looking for a command") { () throws(RuntimeError) in
            try Self.check(request.command[0], files, main)
            return files.firstUser
        }
        var words = [machine.program, "--root", settings.states, "--log", files.log, "--log-format", "json"]
        words += ["exec", "--pid-file", pidFile]
        if let terminal = request.terminal { words += ["--tty", "--env", "TERM=\(terminal.type)"] }
        let outer = ExecRequest(
            command: words + [attempt.text] + request.command, takesInput: request.takesInput,
            terminal: request.terminal)
        let session = try await processes.exec(
            attempt, by: outer, pidFile: pidFile, outputOwner: owner)
        return OCIExecSession(session, pidFile: pidFile)
    }

    /// Whether the command is in the container: runc would only say so in words, as if the command itself had.
    private static func check(
        _ program: String, _ files: ContainerFiles, _ main: Int32
    ) throws(RuntimeError) {
        // The record goes with the container.
        guard let bytes = ContainerFiles.read(files.configuration) else { throw .ended }
        guard let root = ContainerRoot("/proc/\(main)/root") else { throw .ended }
        let process: JSONValue?
        do throws(JSONError) { process = try JSONReader(maximumSize: 4 << 20).read(bytes)["process"] } catch {
            throw .failed("the record of a container is damaged: \(error)")
        }
        let path = process?["env"]?.array?.lazy.compactMap(\.string).first { $0.hasPrefix("PATH=") }
        let candidates = ContainerCommand.candidates(
            program, path.map { String($0.dropFirst(5)) }, process?["cwd"]?.string ?? "/")
        switch root.find(candidates) {
        case .found: return
        case .unusable(let path):
            throw .rejected("'\(path)' is not an executable file", hint: "check its mode")
        case .missing:
            throw .rejected(
                "command '\(program)' was not found in the container",
                hint: "check its spelling, and that the image holds it; a line for the shell needs sh -c '…'")
        }
    }
}

/// A program in a container; takes the file with its number away when it is over.
private final class OCIExecSession: ExecSession {
    private let session: any ExecSession
    private let pidFile: String

    init(_ session: any ExecSession, pidFile: String) {
        self.session = session
        self.pidFile = pidFile
    }

    func next() async throws(RuntimeError) -> ExecEvent? {
        let event = try await session.next()
        if case .ended = event { unlink(pidFile) }
        return event
    }

    func give(_ input: ExecInput) async throws(RuntimeError) { try await session.give(input) }

    // The number is needed until it has ended; the file goes with the container's then.
    func close() async { await session.close() }
}
