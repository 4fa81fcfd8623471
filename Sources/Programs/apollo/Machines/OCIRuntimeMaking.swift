import Configuration
import Core
import Discovery
import ImageClients
import ImageModel
import OCIBundles
import OCIRuntimes
import ProcessRuntimes
import UnpackedImages

/// The runtime of containers without an engine, as the settings have it.
enum OCIRuntimeMaking {
    /// How it is set up. `data` need not be there.
    static func settings(_ configuration: ResolvedConfiguration, _ data: DataDirectory) throws -> OCISettings
    {
        var settings = OCISettings(
            directory: data.oci, launcher: ["/proc/self/exe", LauncherMain.verb])
        settings.processes.logLimit = configuration[PlatformSettings.logsAttemptSize]
        settings.network = configuration[PlatformSettings.ociNetwork] == .host ? .host : .none
        switch configuration[PlatformSettings.ociUsers] {
        case .auto: settings.users = .auto
        case .always: settings.users = .always
        case .host: settings.users = .host
        }
        if let text = configuration[PlatformSettings.ociSubordinates] {
            do throws(ApolloError) {
                settings.subordinates = try SubordinateUsers.find(text)
            } catch {
                throw ApolloError(.invalid, "oci.subids: \(error.message)", hint: error.hint)
            }
        }
        settings.resolvers = try DNSSettings.resolversOfContainers(configuration)
        settings.searchDomain = { ServiceAddress.searchDomain(of: $0) }
        return settings
    }

    static func make(
        _ configuration: ResolvedConfiguration, _ data: DataDirectory, _ environment: Environment
    ) throws -> OCIRuntime {
        let settings = try settings(configuration, data)
        var images = ImageStore.Settings(directory: settings.images)
        images.keep = configuration[PlatformSettings.ociKeep]
        images.cache = configuration[PlatformSettings.ociCache]
        images.limits.bytes = configuration[PlatformSettings.ociImageSize]
        images.limits.members = configuration[PlatformSettings.ociImageFiles]
        let client = RegistryClient(try registries(configuration), environment: environment)
        return OCIRuntime(
            settings: settings,
            images: ImageStore(settings: images, source: client, environment: environment),
            environment: environment)
    }

    private static func registries(
        _ configuration: ResolvedConfiguration
    ) throws -> RegistryClient.Configuration {
        var registries = RegistryClient.Configuration()
        for part in configuration[PlatformSettings.ociInsecure]?.split(separator: ",") ?? [] {
            let text = String(part.filter { $0 != " " })
            guard let host = RegistryHost(parsing: text) else {
                throw ApolloError(
                    .invalid, "oci.insecure: '\(text)' is no registry's host",
                    hint: "such as registry.lab:5000")
            }
            registries.plainHosts.insert(host)
        }
        if let path = configuration[PlatformSettings.ociCredentials] {
            // Read anew each time: a login is good without a restart. The first may be made once the platform runs.
            registries.credentials = {
                try RegistryLogins.read(
                    path, requiresLogins: true, setting: PlatformSettings.ociCredentials.declaration.key)
                    ?? RegistryCredentials()
            }
            _ = try registries.credentials()
        }
        return registries
    }
}
