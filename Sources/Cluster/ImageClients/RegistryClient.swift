public import Core
import Documents
public import HTTPClients
public import HTTPModel
public import ImageModel
import Synchronization

/// Asks registries (OCI distribution specification 1.1) for images. Who asks is told as the registry wants it, by a token that is
/// fetched where it says or by name and password; a token is used again for as long as it is good.
public final class RegistryClient: Sendable {
    public struct Configuration: Sendable {
        /// Names and passwords, asked for whenever a registry wants to know who asks: they may change meanwhile.
        public var credentials: @Sendable () throws -> RegistryCredentials = { RegistryCredentials() }
        /// Registries without TLS, beside those of this machine.
        public var plainHosts: Set<RegistryHost> = []
        /// The longest that a call may take: as a whole where no long body moves.
        public var timeouts = HTTPTimeouts(connect: .seconds(10), idle: .seconds(60), total: .seconds(120))

        public init() {}
    }

    let configuration: Configuration
    let environment: Environment
    private let http: HTTPClient
    /// What `Authorization` says, by registry and scope, until when.
    private let tokens = Mutex<[String: (text: String, until: MonotonicInstant)]>([:])

    public init(
        _ configuration: Configuration = Configuration(),
        http: HTTPClientConfiguration = HTTPClientConfiguration(), environment: Environment
    ) {
        self.configuration = configuration
        self.environment = environment
        var settings = http
        settings.timeouts = configuration.timeouts
        self.http = HTTPClient(settings, environment: environment)
    }

    public func close() async { await http.close() }

    /// Whether a registry is asked without TLS.
    func isPlain(_ host: RegistryHost) -> Bool { host.isLoopback || configuration.plainHosts.contains(host) }

    /// Where a registry answers.
    public func origin(of registry: RegistryPlace) -> String {
        switch registry {
        case .address(let address, _): return address
        case .host(let host):
            // Docker Hub answers by another name than it is called by.
            let name = host == .dockerHub ? "registry-1.docker.io" : host.description
            return "\(isPlain(host) ? "http" : "https")://\(name)"
        }
    }

    /// Sends a request. A status from 300 on is a failure, but for those that are allowed; a message says what the registry says.
    public func send(
        _ request: RegistryRequest, allowing allowed: [HTTPStatus] = []
    ) async throws(RegistryClientError) -> HTTPClientResponse {
        let response =
            switch request.registry {
            case .host(let host): try await send(request, to: host)
            case .address(_, let authorization): try await send(request, authorization: authorization)
            }
        guard response.status.rawValue >= 300, !allowed.contains(response.status) else { return response }
        throw await Self.failure(response, request)
    }

    /// Sends a request, a second time with what the registry wants to know of who asks.
    private func send(
        _ request: RegistryRequest, to host: RegistryHost
    ) async throws(RegistryClientError) -> HTTPClientResponse {
        let key = "\(host) \(request.scope)"
        let now = environment.clock.now
        let known = tokens.withLock { tokens in tokens[key].flatMap { $0.until > now ? $0.text : nil } }
        let response = try await send(request, authorization: known)
        guard response.status == .unauthorized else { return response }
        let challenges = response.fields.values("WWW-Authenticate")
            .compactMap(AuthenticationChallenge.init(parsing:))
        let credential = try credential(for: host, request)
        let proof: (text: String, seconds: Int64)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let token = try await self.token(bearer, request, host, credential)
            proof = ("Bearer \(token.text)", token.seconds)
        } else if challenges.contains(where: { $0.scheme == "basic" }), let credential {
            proof = (credential.basic, 300)
        } else {
            throw .denied("\(host) wants to know who asks for \(request.subject)")
        }
        let until = environment.clock.now.advanced(by: .seconds(proof.seconds))
        tokens.withLock { tokens in
            if tokens.count >= 1024 { tokens = [:] }
            tokens[key] = (proof.text, until)
        }
        let second = try await send(request, authorization: proof.text)
        guard second.status != .unauthorized else {
            tokens.withLock { $0[key] = nil }
            throw .denied("\(host) does not let us in to \(request.subject)")
        }
        return second
    }

    private func credential(
        for host: RegistryHost, _ request: RegistryRequest
    ) throws(RegistryClientError) -> RegistryCredential? {
        do { return try configuration.credentials()[host] } catch {
            throw .denied("\(host) wants to know who asks for \(request.subject), and \(error)")
        }
    }

    private func send(
        _ request: RegistryRequest, authorization: String?
    ) async throws(RegistryClientError) -> HTTPClientResponse {
        var fields = request.fields
        if let authorization { fields["Authorization"] = authorization }
        var timeouts = configuration.timeouts
        if request.isLong { timeouts.total = nil }
        // Blobs are often elsewhere; who asks is not told there (libcurl drops the field with the host).
        return try await deliver(
            HTTPClientRequest(
                request.method, origin(of: request.registry) + request.target, fields: fields,
                body: request.body, timeouts: timeouts,
                maximumRedirects: request.method == .get || request.method == .head ? 5 : 0))
    }

    func deliver(_ request: HTTPClientRequest) async throws(RegistryClientError) -> HTTPClientResponse {
        do throws(HTTPClientError) {
            return try await http.send(request)
        } catch {
            throw .of(error)
        }
    }

    /// What a response says that is no success.
    private static func failure(
        _ response: HTTPClientResponse, _ request: RegistryRequest
    ) async -> RegistryClientError {
        // To HEAD nobody says anything, and others than registries say something else: then the status has to do.
        let body = (try? await response.body.collect(upTo: 1 << 20)) ?? []  // As said.
        let document = try? JSONReader().read(body)  // As said.
        let said = document?["errors"]?[0]?["message"]?.string
        let message =
            said.map { String($0.prefix(500)).printable } ?? "\(request.registry) answered \(response.status)"
        return RegistryClientError(response.status, "\(request.subject): \(message)")
    }
}
