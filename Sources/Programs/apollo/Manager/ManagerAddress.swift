import Configuration
import Core
import EventLoops

/// Where others reach a manager's API: what the settings say, else the address it listens on, else the first name of its
/// certificate.
struct ManagerAddress: Sendable {
    private let said: String?
    private let endpoint: ListeningEndpoint
    private let name: String?

    init(_ configuration: ResolvedConfiguration, _ endpoint: ListeningEndpoint) throws {
        self.endpoint = endpoint
        said = configuration[PlatformSettings.managerAddress].map {
            $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
        if let said, !said.hasPrefix("https://"), !said.hasPrefix("http://") {
            throw ApolloError(
                .invalid, "manager.address '\(said)' is no address with http:// or https://",
                hint: "write it as https://10.0.0.1:7070")
        }
        name = (configuration[PlatformSettings.tlsNames] ?? "").split(separator: ",").first.map {
            $0.trimming(" ")
        }
    }

    /// Throws where nothing says it, though the platform may have several managers.
    func check() throws {
        guard said == nil, isEverywhere, name == nil else { return }
        throw ApolloError(
            .invalid,
            "the other managers could not tell people where this one is: it listens on \(endpoint.host)",
            hint: "give --advertise https://HOST:PORT (manager.address), or --listen with one address")
    }

    private var isEverywhere: Bool { ["0.0.0.0", "::", "[::]"].contains(endpoint.host) }

    /// For what was bound.
    func url(of bound: SocketAddress) -> String {
        if let said { return said }
        guard isEverywhere, let name, case .tcp(_, let port) = bound else { return endpoint.url(of: bound) }
        return "\(endpoint.isSecure ? "https" : "http")://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> String {
        var rest = self
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}
