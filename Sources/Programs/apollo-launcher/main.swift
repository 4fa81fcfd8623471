import Glibc
import ProcessRuntime

exit(LauncherMain.run(arguments: Array(CommandLine.arguments.dropFirst())))
