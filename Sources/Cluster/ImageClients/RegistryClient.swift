public import Core
import Cryptography
public import HTTPClients
import HTTPModel
public import ImageModel
import Synchronization

/// Asks registries (OCI distribution specification 1.1) for images. Who asks is told as the registry wants it, by a token that is
/// fetched where it says or by name and password; a token is used again for as long as it is good.
public final class RegistryClient: Sendable {
    public struct Configuration: Sendable {
        public var credentials = RegistryCredentials()
        /// Registries without TLS, beside those of this machine.
        public var plainHosts: Set<RegistryHost> = []
        /// The longest that one call may take to say anything.
        public var timeouts = HTTPTimeouts(connect: .seconds(10), idle: .seconds(60))

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

    /// Where the registry answers.
    private func origin(of host: RegistryHost) -> String {
        let isPlain = host.isLoopback || configuration.plainHosts.contains(host)
        // Docker Hub answers by another name than it is called by.
        let name = host == .dockerHub ? "registry-1.docker.io" : host.description
        return "\(isPlain ? "http" : "https")://\(name)"
    }

    /// Sends a request, a second time with what the registry wants to know of who asks. A status is no error, but for those that say
    /// who asks is not let in.
    public func send(_ request: RegistryRequest) async throws(RegistryClientError) -> HTTPClientResponse {
        let key = "\(request.host) \(request.scope)"
        let now = environment.clock.now
        let known = tokens.withLock { tokens in tokens[key].flatMap { $0.until > now ? $0.text : nil } }
        let response = try await send(request, authorization: known)
        guard response.status == .unauthorized else { return response }
        let challenges = response.fields.values("WWW-Authenticate")
            .compactMap(AuthenticationChallenge.init(parsing:))
        let credential = configuration.credentials[request.host]
        let authorization: String
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let token = try await self.token(bearer, request, credential)
            authorization = "Bearer \(token.text)"
            let until = environment.clock.now.advanced(by: .seconds(token.seconds))
            tokens.withLock { tokens in
                if tokens.count >= 1024 { tokens = [:] }
                tokens[key] = (authorization, until)
            }
        } else if challenges.contains(where: { $0.scheme == "basic" }), let credential {
            authorization = credential.basic
        } else {
            throw .denied("\(request.host) wants to know who asks for \(request.repository)")
        }
        let second = try await send(request, authorization: authorization)
        guard second.status != .unauthorized else {
            tokens.withLock { $0[key] = nil }
            throw .denied("\(request.host) does not let us in to \(request.repository)")
        }
        return second
    }

    private func send(
        _ request: RegistryRequest, authorization: String?
    ) async throws(RegistryClientError) -> HTTPClientResponse {
        var fields = request.fields
        if let authorization { fields["Authorization"] = authorization }
        let url = "\(origin(of: request.host))/v2/\(request.repository)/\(request.path)"
        // Blobs are often elsewhere; who asks is not told there (libcurl drops the field with the host).
        return try await deliver(
            HTTPClientRequest(
                request.method, url, fields: fields, body: request.body,
                maximumRedirects: request.method == .get || request.method == .head ? 5 : 0))
    }

    func deliver(_ request: HTTPClientRequest) async throws(RegistryClientError) -> HTTPClientResponse {
        do throws(HTTPClientError) {
            return try await http.send(request)
        } catch {
            throw .transport(error)
        }
    }
}

extension RegistryClientError {
    static func transport(_ error: HTTPClientError) -> RegistryClientError {
        switch error {
        case .cancelled: .cancelled
        case .malformedResponse, .tooLarge: .malformed("\(error)")
        default: .unavailable("\(error)")
        }
    }

    /// What a status that is no success says of something.
    static func refusal(_ status: HTTPStatus, of what: String, _ host: RegistryHost) -> RegistryClientError {
        switch status.rawValue {
        case 404: .notFound("\(host) has no \(what)")
        case 401, 403: .denied("\(host) does not give \(what) to who asks")
        case 429, 500...: .unavailable("\(host) answers \(status.rawValue) for \(what)")
        default: .malformed("\(host) answers \(status.rawValue) for \(what)")
        }
    }
}
