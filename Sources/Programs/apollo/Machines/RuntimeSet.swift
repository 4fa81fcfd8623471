import Configuration
import Core
import Discovery
import DockerRuntimes
import ProcessRuntimes
import TaskRuntimes

/// The runtimes of this machine, as the settings have them.
enum RuntimeSet {
    /// What is kept of the output of ended attempts.
    static func logs(_ configuration: ResolvedConfiguration) -> LogRetention {
        LogRetention(
            keep: configuration[PlatformSettings.logsKeep],
            maxSize: configuration[PlatformSettings.logsMaxSize])
    }

    static func make(
        _ configuration: ResolvedConfiguration, variables: [String: String], data: DataDirectory,
        instance: String, environment: Environment
    ) throws -> [any TaskRuntime] {
        let logSize = configuration[PlatformSettings.logsAttemptSize]
        var docker = DockerRuntimeConfiguration(
            instance: instance, socket: configuration[PlatformSettings.dockerSocket], variables: variables)
        docker.resolvers = try DNSSettings.resolversOfContainers(configuration)
        docker.logFileSize = ByteCount(max(16 << 10, logSize.bytes / Int64(docker.logFileCount)))
        docker.searchDomain = { ServiceAddress.searchDomain(of: $0) }
        var runtimes: [any TaskRuntime] = [DockerRuntime(docker, environment: environment)]
        if configuration[PlatformSettings.processEnabled] {
            var settings = ProcessRuntime.Settings(
                directory: data.processes, launcher: ["/proc/self/exe", LauncherMain.verb])
            settings.logLimit = logSize
            runtimes.append(ProcessRuntime(settings: settings, environment: environment))
        }
        if configuration[PlatformSettings.ociEnabled] {
            runtimes.append(try OCIRuntimeMaking.make(configuration, data, environment))
        }
        return runtimes
    }
}
