import Arguments
import Core
import Glibc
import Terminal

/// The command line of Apollo.
enum ApolloProgram {
    static let program: Program = Program(
        version: "apollo \(VersionCommand.version)",
        root: Command(
            "apollo",
            summary: "Run containers, executables, functions and big data jobs on machines of your own",
            discussion: """
                'apollo up' starts the platform on this machine; the other commands talk to it.
                """,
            groups: [GlobalOptions.group],
            examples: [
                Example("start the platform", "apollo up"),
                Example("run something on it", "apollo task run --exec /bin/echo -- hello"),
            ],
            subcommands: [
                UpCommand.command, ManagerCommand.command, WorkerCommand.command, TaskCommand.command,
                JobCommand.command, ServiceCommand.command, SecretCommand.command, VolumeCommand.command,
                BlobCommand.command, ServeCommands.objects, ImageCommand.command, ServeCommands.registry,
                NodeCommand.command,
                CACommand.command, EventsCommand.command, DebugCommand.command,
                LoginCommand.command, LogoutCommand.command,
                WhoAmICommand.command, ContextCommand.command, TokenCommand.command, UserCommand.command,
                RoleCommand.command, GrantCommand.command, ProjectCommand.command, AuditCommand.command,
                ConfigCommand.command, DoctorCommand.command, BackupCommand.command, RestoreCommand.command,
                VersionCommand.command, ReferenceCommand.command,
            ]))

    static func main() async -> Never {
        Output.ignorePipeSignal()
        let variables = ProcessVariables.current
        let (output, errors) = (
            Output.standardOutput(variables: variables), Output.standardError(variables: variables)
        )
        do {
            let status = try await program.run(
                Array(CommandLine.arguments.dropFirst()), width: min(output.size()?.columns ?? 80, 120),
                print: { try output.write($0) }, report: { try errors.write($0) })
            exit(status.code)
        } catch {
            let report = ErrorReport(error, program: "apollo", usesColor: errors.usesColor)
            // Where even the error cannot be written, the exit code is all that is left.
            try? errors.write(report.text)
            exit(report.exitCode)
        }
    }
}
