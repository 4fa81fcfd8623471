import Configuration
import Core
import Discovery
import DockerRuntimes
import ProcessRuntimes
import TaskRuntimes

/// The runtimes of this machine, as the settings have them.
enum RuntimeSet {
    static func make(
        _ configuration: ResolvedConfiguration, variables: [String: String], data: DataDirectory,
        instance: String, environment: Environment
    ) throws -> [any TaskRuntime] {
        var docker = DockerRuntimeConfiguration(
            instance: instance, socket: configuration[PlatformSettings.dockerSocket], variables: variables)
        docker.resolvers = try DNSSettings.resolversOfContainers(configuration)
        docker.searchDomain = { ServiceAddress.searchDomain(of: $0) }
        var runtimes: [any TaskRuntime] = [DockerRuntime(docker, environment: environment)]
        if configuration[PlatformSettings.processEnabled] {
            let settings = ProcessRuntime.Settings(
                directory: data.processes, launcher: ["/proc/self/exe", LauncherMain.verb])
            runtimes.append(ProcessRuntime(settings: settings, environment: environment))
        }
        return runtimes
    }
}
