import Concurrency
import Core

/// A command of the shell that writes the master keys to its standard output.
struct KeyCommand {
    let line: String

    /// Runs it, and returns what it wrote. Blocks for up to `limit`; then it is killed with what it started.
    func run(within limit: Duration) throws(ApolloError) -> String {
        do throws(BoundedCommand.Failure) {
            // Keys are a few lines; what goes on is no key.
            let output = try BoundedCommand(
                ["/bin/sh", "-c", line], sizeLimit: 64 << 10, showsErrors: true
            ).run(within: limit)
            return String(decoding: output, as: UTF8.self)
        } catch {
            throw failure(text(error))
        }
    }

    private func text(_ failure: BoundedCommand.Failure) -> String {
        switch failure {
        case .notFound: "cannot be run: there is no /bin/sh"
        case .unusable(let reason): "cannot be run: \(reason)"
        case .tooSlow: "did not end in time"
        case .tooMuch: "wrote more than keys are"
        case .exited(let code): "failed: exit code \(code)"
        case .signalled(let signal): "failed: signal \(signal)"
        }
    }

    /// The line itself stays out of the message: it may hold a password.
    private func failure(_ what: String) -> ApolloError {
        ApolloError(
            .unavailable, "the command of secrets.key.command \(what)",
            hint: "run it by hand; it must write the key to its standard output and exit with 0")
    }
}
