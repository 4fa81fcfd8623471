import Glibc
import ProcessRuntimes

// The launcher of processes is this program in another role. It forks: nothing may have started a thread before.
if CommandLine.arguments.count > 1, CommandLine.arguments[1] == LauncherMain.verb {
    exit(LauncherMain.run(arguments: Array(CommandLine.arguments.dropFirst(2))))
}
await ApolloProgram.main()
