import Glibc
import ProcessRuntimes

exit(LauncherMain.run(arguments: Array(CommandLine.arguments.dropFirst())))
