import APIMessages
import Arguments
import Buses
import Concurrency
import Configuration
import Core
import Databases
import Diagnostics
import Glibc
import NATSBuses
import PlatformClients
import PostgreSQLDatabases
import Terminal

/// `apollo doctor`.
enum DoctorCommand {
    private static let check = Parameter.repeated(
        "check", .text("NAME"), help: "Only this check, such as disk. May be given several times.")
    private static let strict = Parameter.flag("strict", help: "Fail on warnings, too.")

    static let command = Command(
        "doctor", summary: "Look at this machine and say what would keep Apollo from working",
        discussion: """
            Looks at the container engine, cgroups, virtualisation, the kernel, network and ports, the data directory and \
            its disk or database server, the bus, the clock, limits, libraries and certificates, and asks the platform if one runs. It needs no \
            rights and changes nothing.

            Each finding that is not ok says what follows from it, and what to do. The exit code is 0 unless there is a \
            problem, or with --strict a warning: then it is 1.
            """,
        parameters: [check, strict],
        examples: [
            Example("is this machine ready?", "apollo doctor"),
            Example("what is wrong, for a program", "apollo doctor --output json"),
        ],
        seeAlso: ["apollo up", "apollo config show"]
    ) { invocation in
        let session = try Session(invocation)
        let facts = try await probes(session).look()
        var findings = Diagnosis.findings(of: facts)
        let wanted = invocation[check]
        if !wanted.isEmpty {
            try refuseUnknown(wanted, known: findings.map(\.check) + ["bus", "certificate", "database"])
            findings = findings.filter { wanted.contains($0.check) }
        }
        switch session.format {
        case .json: try session.output.writeJSON(findings)
        case .table: try session.output.write(FindingsText(session.output).text(of: findings))
        }
        let levels = Set(findings.map(\.level))
        return levels.contains(.problem) || (invocation[strict] && levels.contains(.warning))
            ? ExitStatus(1) : .success
    }

    private static func refuseUnknown(_ wanted: [String], known: [String]) throws {
        for name in wanted where !known.contains(name) {
            var names: [String] = []
            for check in known where !names.contains(check) { names.append(check) }
            let near = nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
            throw ApolloError(
                .invalid, "there is no check '\(name)'",
                hint: near ?? "there are \(names.joined(separator: ", "))")
        }
    }

    private static func probes(_ session: Session) throws -> MachineProbes {
        let settings = session.configuration
        let address = String(try session.resolvedAddress().prefix { $0 != "," })
        let own = DataDirectory(at: settings[PlatformSettings.dataDirectory]).tls + "/server.pem"
        // Where the settings say nothing, those of the platform that runs may have come by its command line.
        let isOwn = settings[PlatformSettings.tlsCertificate] == nil && access(own, R_OK) == 0
        var probes = MachineProbes(
            version: VersionCommand.version, dataDirectory: settings[PlatformSettings.dataDirectory],
            engineSocket: settings[PlatformSettings.dockerSocket], variables: session.variables,
            certificate: isOwn ? own : settings[PlatformSettings.tlsCertificate], isOwnCertificate: isOwn,
            ports: [
                (settings[PlatformSettings.httpPort], MachineFacts.Port.everything),
                (7071, "the object store"), (7072, "what components say to each other"),
            ],
            platform: MachineProbes.PlatformRequest(
                address: address, isExpected: try session.isPlatformExpected(),
                authorities: session.authorities,
                version: {
                    // Whoever has no token learns less; that there is a platform is known without.
                    try? await session.withClient { try await $0.version().version }
                }),
            oci: try OCIRuntimeMaking.settings(
                settings, DataDirectory(at: settings[PlatformSettings.dataDirectory])),
            isOCIEnabled: settings[PlatformSettings.ociEnabled], environment: .live)
        probes.database = database(settings)
        if settings[PlatformSettings.busURL] != nil { probes.bus = { await bus(settings) } }
        return probes
    }

    /// Connects to the bus, and asks itself something over it.
    private static func bus(_ settings: ResolvedConfiguration) async -> MachineFacts.BusState {
        do {
            guard
                let bus = try PlatformBus.make(
                    settings, name: "apollo doctor", environment: .live, note: { _ in })
            else { return .unusable(reason: "bus.url names no server", fix: nil) }
            return .usable(place: bus.location.description, latency: try await bus.check(within: .seconds(2)))
        } catch {
            let known = (error as? BusError)?.asApolloError ?? error as? ApolloError
            return .unusable(reason: known?.message ?? "\(error)", fix: known?.hint)
        }
    }

    /// Asks the database server that the settings name; nil where the state is a file.
    private static func database(
        _ settings: ResolvedConfiguration
    ) -> (@Sendable () async -> MachineFacts.DatabaseState)? {
        do {
            guard case .server(let location) = try DatabasePlace(settings) else { return nil }
            return {
                do {
                    let found = try await PostgreSQLDatabase.inspect(location, environment: .live)
                    return .usable(
                        .init(
                            place: location.description, version: found.version, latency: found.latency,
                            waitsForDisk: found.waitsForDisk, schema: found.schema,
                            known: PlatformSchema.known))
                } catch {
                    let known = error as? DatabaseError
                    return .unusable(reason: known?.message ?? "\(error)", fix: known?.hint)
                }
            }
        } catch {
            let known = error as? ApolloError
            return { .unusable(reason: known?.message ?? "\(error)", fix: known?.hint) }
        }
    }
}
