public import Core
import Documents
import Glibc
import HTTPClients
import HTTPModel
import TaskRuntimes

/// What is found at the places where a container engine may answer: for people who wonder why none does.
public struct EngineReport: Hashable, Sendable {
    /// What is at one of the places.
    public struct Place: Hashable, Sendable {
        public var socket: String
        public var state: State

        public init(socket: String, state: State) {
            self.socket = socket
            self.state = state
        }
    }

    /// What came of asking there.
    public enum State: Hashable, Sendable {
        /// There is no socket.
        case absent
        /// This user may not use it; the group that may, where it is known.
        case denied(group: String?)
        /// Nothing answers, or nothing that Apollo can talk to.
        case silent(reason: String)
        case answers(Answer)
    }

    /// An engine that Apollo can use.
    public struct Answer: Hashable, Sendable {
        /// `Docker 20.10.24`
        public var product: String
        public var apiVersion: String
        /// `cgroupfs` or `systemd`.
        public var cgroupDriver: String?
        public var cgroupVersion: String?
        /// The limits it cannot enforce: `memory`, `swap`, `CPU`, `processes`.
        public var missingLimits: [String]

        public init(
            product: String, apiVersion: String, cgroupDriver: String? = nil, cgroupVersion: String? = nil,
            missingLimits: [String] = []
        ) {
            self.product = product
            self.apiVersion = apiVersion
            self.cgroupDriver = cgroupDriver
            self.cgroupVersion = cgroupVersion
            self.missingLimits = missingLimits
        }
    }

    /// In the order in which Apollo tries them.
    public var places: [Place]
    /// What is wrong with the places themselves, as when `DOCKER_HOST` names none that can be used.
    public var fault: String?

    public init(places: [Place], fault: String? = nil) {
        self.places = places
        self.fault = fault
    }

    /// The engine that Apollo takes: the first that answers.
    public var engine: (socket: String, answer: Answer)? {
        for place in places {
            if case .answers(let answer) = place.state { return (place.socket, answer) }
        }
        return nil
    }

    /// Looks at every place. Each is given up after a few seconds.
    public static func read(
        socket: String?, variables: [String: String], environment: Environment
    ) async -> EngineReport {
        let location: EngineLocation
        do throws(RuntimeError) {
            location = try EngineLocation(configured: socket.map { [$0] } ?? [], variables: variables)
        } catch {
            return EngineReport(places: [], fault: error.asApolloError.description)
        }
        let http = HTTPClient(
            HTTPClientConfiguration(usesEnvironmentProxy: false, maximumIdleConnections: 1),
            environment: environment)
        var places: [Place] = []
        for socket in location.candidates {
            places.append(Place(socket: socket, state: await state(of: socket, http)))
        }
        await http.close()
        return EngineReport(places: places)
    }

    private static func state(of socket: String, _ http: HTTPClient) async -> State {
        var status = stat()
        guard stat(socket, &status) == 0 else {
            return errno == EACCES ? .denied(group: nil) : .absent
        }
        guard access(socket, R_OK | W_OK) == 0 else { return .denied(group: name(of: status.st_gid)) }
        do throws(EngineFailure) {
            let version = try await Engine(
                http: http, socket: socket, apiVersion: "\(EngineSession.oldest)"
            )
            .version()
            guard let agreed = EngineSession.agree(version) else {
                return .silent(
                    reason:
                        "it speaks API \(version.apiVersion), Apollo \(EngineSession.oldest) to \(EngineSession.newest)"
                )
            }
            let info = try await Engine(http: http, socket: socket, apiVersion: "\(agreed)").info()
            return .answers(
                Answer(
                    product: "\(version.product) \(version.version)", apiVersion: "\(agreed)",
                    cgroupDriver: info.cgroupDriver, cgroupVersion: info.cgroupVersion,
                    missingLimits: EngineAbilities(info).missing))
        } catch {
            return .silent(reason: error.runtimeError("asking it").asApolloError.message)
        }
    }

    private static func name(of id: gid_t) -> String? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getgrgid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.gr_name
        else { return nil }
        return String(cString: name)
    }
}
