import Arguments
import Concurrency
import Configuration
import Core
import ObjectTransfers
import Synchronization
import Terminal

/// What the commands that copy have in common: how much at once, how far it is, and what came of it.
enum BlobTransfers {
    static let parallel = Parameter.option(
        "parallel", .integer("N", in: 1...256), default: 8, help: "How many transfers run at once.")
    static let dryRun = Parameter.flag("dry-run", short: "n", help: "Say what would be done, and do nothing.")
    static let include = Parameter.repeated(
        "include", .text("GLOB"), help: "Take only what matches, or in spite of --exclude.")
    static let exclude = Parameter.repeated("exclude", .text("GLOB"), help: "Leave out what matches.")

    static let filterText = """
        --exclude and --include are held against the paths within the folder: '*.tmp' leaves out all names that end so, at any \
        depth, 'cache' what is called so with all that is in it, 'logs/*.gz' and '/build' only what is there in the folder itself.
        """
    static let globText = """
        '*' and '?' stand for any characters but a slash, '**' for any at all, '[a-z]' for one of these; quote them, so that the \
        shell leaves them alone. A backslash before one of these takes it as it is.
        """

    /// One line of what was done.
    private struct Line: Sendable, Encodable {
        var action: String
        var source: String?
        var target: String
        var size: Int64
        var reason: String?

        init(_ step: TransferStep) {
            action =
                switch step.action {
                case .upload: "upload"
                case .download: "download"
                case .copy: "copy"
                case .removeObject, .removeFile: "remove"
                }
            (source, target) = (step.source, step.target)
            (size, reason) = (step.size, step.reason)
        }
    }

    static func filter(_ invocation: Invocation) -> PathFilter {
        PathFilter(including: invocation[include], excluding: invocation[exclude])
    }

    /// Runs `body` with what copies; Ctrl-C ends it, and leaves what can be gone on with.
    static func with(
        _ session: Session, _ invocation: Invocation,
        _ body: @escaping @Sendable (Transfers, ProgressDisplay) async throws -> Void
    ) async throws {
        let journals = journals(session)
        try await session.withObjects(invocation) { client in
            let transfers = Transfers(
                client, parallel: invocation[parallel], journals: journals, environment: .live)
            try await session.untilInterrupted {
                try await withProgress(on: session.errors, clock: LiveClock()) { display in
                    try await body(transfers, display)
                }
            } onInterrupt: { _ in
                throw ApolloError(
                    .cancelled, "it was interrupted", hint: "the same command goes on with large files")
            }
        }
    }

    /// Where it is kept what was done of large files; nil where nothing can be.
    private static func journals(_ session: Session) -> TransferJournals? {
        let said = session.variables["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = HostFacts.current(variables: session.variables).home
        guard let base = said ?? home.map({ "\($0)/.local/state" }) else { return nil }
        let journals = TransferJournals("\(base)/apollo/transfers")
        return journals.isUsable ? journals : nil
    }

    /// Does the steps, with a bar, and says what was done.
    static func run(
        _ steps: [TransferStep], _ options: TransferOptions, _ transfers: Transfers,
        _ display: ProgressDisplay, _ session: Session, label: String
    ) async throws -> TransferReport {
        let bar = display.start(label, total: steps.reduce(0) { $0 + $1.size })
        let done = Mutex<Int64>(0)
        let report = try await transfers.run(steps, options) { count in
            bar.update(
                done.withLock { done in
                    done += count
                    return done
                })
        }
        bar.remove()
        return report
    }

    /// Writes what was done, or would be.
    static func tell(_ steps: [TransferStep], _ session: Session, isDryRun: Bool = false) throws {
        switch session.format {
        case .json: try session.output.writeJSON(steps.map { Line($0) })
        case .table:
            for step in steps {
                let reason = step.reason.map { " (\($0))" } ?? ""
                try session.output.write(
                    isDryRun
                        ? "would \(Line(step).action) \(step.target.printable)\(reason)\n"
                        : "\(step.source == nil ? "removed " : "")\(step.target.printable)\n")
            }
        }
    }

    /// Writes each failure, and throws what they come to.
    static func check(_ report: TransferReport, _ session: Session) throws {
        guard let error = report.error else { return }
        if report.failures.count > 1 {
            for failure in report.failures {
                try session.errors.write("\(failure.step.target.printable): \(failure.error.message)\n")
            }
        }
        throw error
    }
}
