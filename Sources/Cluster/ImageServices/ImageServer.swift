public import APIServers
public import Core
public import HTTPModel
public import Identity
import ImageModel
public import ImageStorage
import S3Signatures
import Telemetry

/// The registry as clients of the OCI distribution specification know it, under `/v2`: reads a request, finds out who asks, carries it
/// out, and writes the answer.
public struct ImageServer: Sendable {
    /// Holds a password against that of a user: a name, a password, where they came from.
    public typealias Verify = @Sendable (String, String, String) async throws -> Principal

    let store: ImageStore
    let access: AccessControl
    let environment: Environment
    let verify: Verify
    /// Projects whose images anybody may pull.
    let open: Set<String>
    let tokens = RegistryTokens()
    /// Whether clients come by TLS.
    let isSecure: Bool
    private let sinks: ServerSinks
    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>

    /// - Parameter open: the projects whose images anybody may pull.
    public init(
        _ store: ImageStore, access: AccessControl, open: Set<String>, isSecure: Bool,
        environment: Environment, sinks: ServerSinks, verify: @escaping Verify
    ) {
        self.store = store
        self.access = access
        self.open = open
        self.isSecure = isSecure
        self.environment = environment
        self.sinks = sinks
        self.verify = verify
        requests = sinks.metrics.counters(
            "apollo_images_requests_total", "Requests to the image registry.",
            labels: ["operation", "status"])
        durations = sinks.metrics.histograms(
            "apollo_images_request_seconds",
            "Time from a request's fields to its response's, of requests to the image registry.",
            labels: ["operation"])
    }

    /// Whether a request is the registry's.
    public static func owns(_ request: HTTPRequest) -> Bool {
        let path = request.path.utf8
        return path.starts(with: "/v2".utf8)
            && (path.count == 3 || path[path.index(path.startIndex, offsetBy: 3)] == UInt8(ascii: "/"))
    }

    /// The phantom kind of a request's identifier.
    private enum RequestKind {}

    /// Answers one request.
    public func handle(_ request: HTTPRequest) async -> HTTPResponse {
        let id = environment.identifier(of: RequestKind.self).text
        let (start, time) = (environment.clock.now, environment.wallClock.now)
        var operation: RegistryOperation?
        var caller: RegistryCaller?
        var failure: RegistryError?
        var response: HTTPResponse
        do {
            let read = try RegistryOperation(request)
            operation = read
            guard let query = RequestQuery(request.query) else {
                throw RegistryError(.badRequest, .unsupported, "the query cannot be read")
            }
            response = try await perform(read, RegistryRequest(request, query), &caller)
        } catch {
            let told = RegistryError(telling: error)
            failure = told
            if told.isFault {
                sinks.logger.error(
                    "a request to the image registry failed",
                    [
                        "error": .text("\(error)"), "operation": .text(operation?.name ?? "none"),
                        "request": .text(id),
                    ])
            }
            response = told.response
        }
        response.fields["Docker-Distribution-Api-Version"] = "registry/2.0"
        response.fields["X-Request-Id"] = id
        let name = operation?.name ?? "none"
        await record(operation, caller, request, failure, id: id, at: time)
        requests.with(name, "\(response.status.rawValue)").add()
        durations.with(name).observe(start.duration(to: environment.clock.now))
        return response
    }

    private func perform(
        _ operation: RegistryOperation, _ request: RegistryRequest, _ known: inout RegistryCaller?
    ) async throws -> HTTPResponse {
        if case .token = operation { return try await token(request.http, request.query) }
        let challenge = RegistryChallenge(base: base(of: request.http), scope: Self.scope(operation, request))
        let caller = try caller(request.http, challenge)
        known = caller
        if let need = operation.need { try caller.require(need.action, need.repository, challenge) }
        return try await carryOut(operation, request, caller, challenge)
    }

    private func carryOut(
        _ operation: RegistryOperation, _ request: RegistryRequest, _ caller: RegistryCaller,
        _ challenge: RegistryChallenge
    ) async throws -> HTTPResponse {
        switch operation {
        case .ping:
            guard caller.credential != nil || caller.grant != nil else {
                throw challenge.error("this needs a login")
            }
            return .json("{}")
        case .token: throw RegistryError(.notFound, .unsupported, "the registry has nothing at this path")
        case .catalog: return try await catalog(request, caller, challenge)
        case .listTags(let name): return try await listTags(name, request)
        case .getManifest(let name, let manifest): return try await getManifest(manifest, name, request)
        case .putManifest(let name, let manifest):
            return try await putManifest(manifest, name, request, caller)
        case .deleteManifest(let name, let manifest): return try await deleteManifest(manifest, name)
        case .getBlob(let name, let digest): return try await getBlob(digest, name, request)
        case .deleteBlob(let name, let digest):
            try await store.deleteBlob(digest, in: name)
            return HTTPResponse(.accepted)
        case .beginUpload(let name): return try await beginUpload(name, request, caller, challenge)
        case .uploadStatus(let name, let id): return try await uploadStatus(id, name)
        case .appendToUpload(let name, let id): return try await appendToUpload(id, name, request)
        case .completeUpload(let name, let id): return try await completeUpload(id, name, request)
        case .abortUpload(let name, let id):
            try await store.abort(store.upload(id, to: name))
            return HTTPResponse(.noContent)
        case .listReferrers(let name, let digest): return try await listReferrers(digest, name, request)
        }
    }

    // MARK: Who

    /// What a token has to be good for: to mount a layer, for the repository that has it, too.
    private static func scope(_ operation: RegistryOperation, _ request: RegistryRequest) -> String? {
        guard let need = operation.need else { return operation == .catalog ? "registry:catalog:*" : nil }
        // Whoever asks whether something is there is about to push, and some clients keep their first token for all that follows.
        let isPush = need.action == .push || request.http.method == .head
        let actions = isPush ? "pull,push" : need.action.rawValue
        let own = "repository:\(need.repository):\(actions)"
        guard case .beginUpload = operation, request.query.contains("mount"),
            let from = request.query["from"],
            let source = try? RepositoryName(parsing: from)  // What is no name has nothing to mount.
        else { return own }
        return "\(own) repository:\(source):pull"
    }

    /// The registry as the client has addressed it.
    private func base(of request: HTTPRequest) -> String {
        let host = request.fields["Host"] ?? ""
        let isPlain = host.utf8.allSatisfy {
            (48...58).contains($0) || (65...91).contains($0) || (97...122).contains($0)
                || [0x2D, 0x2E, 0x5D, 0x5F].contains($0)
        }
        return "\(isSecure ? "https" : "http")://\(host.isEmpty || !isPlain ? "localhost" : host)"
    }

    private func caller(
        _ request: HTTPRequest, _ challenge: RegistryChallenge
    ) throws -> RegistryCaller {
        let now = environment.wallClock.now
        guard let field = request.fields["Authorization"] else {
            guard let certificate = request.certificate else { return caller(nil, nil) }
            return caller(try access.authenticate(certificate: certificate, at: now), nil)
        }
        do throws(ApolloError) {
            if let pair = BasicCredentials(field) {
                // Passwords are for the token endpoint, which takes its time to hold one against what is stored.
                guard pair.password.hasPrefix(BearerToken.prefix) else {
                    throw ApolloError(
                        .unauthenticated, "a password is good for a token at the token endpoint")
                }
                return caller(try access.authenticate(authorization: "Bearer \(pair.password)", at: now), nil)
            }
            if field.prefix(7).lowercased() == "bearer ",
                let grant = tokens.find(String(field.dropFirst(7)), at: now)
            {
                return try caller(grant.proof, grant, at: now)
            }
            return caller(try access.authenticate(authorization: field, at: now), nil)
        } catch {
            guard error.kind == .unauthenticated else { throw error }
            throw challenge.error(error.message)
        }
    }

    /// Whoever has proved it so, as far as it is still worth something.
    func caller(
        _ proof: RegistryGrant.Proof, _ grant: RegistryGrant?, at now: Timestamp
    ) throws(ApolloError) -> RegistryCaller {
        switch proof {
        case .nobody: return caller(nil, grant)
        case .password(let key): return caller(try access.authenticate(verified: key, at: now), grant)
        case .token(let credential):
            guard credential.kind == .file || access.isValid(credential, at: now) else {
                throw ApolloError(.unauthenticated, "the token that this one was made for has ended")
            }
            return caller(credential, grant)
        }
    }

    private func caller(_ credential: Credential?, _ grant: RegistryGrant?) -> RegistryCaller {
        RegistryCaller(credential: credential, grant: grant, access: access, open: open)
    }

    // MARK: Audit

    private func record(
        _ operation: RegistryOperation?, _ caller: RegistryCaller?, _ request: HTTPRequest,
        _ failure: RegistryError?, id: String, at time: Timestamp
    ) async {
        var record = AuditRecord(
            time: time, principal: caller?.name ?? "anonymous", action: operation?.name ?? "none",
            resource: resource(operation, request), outcome: .succeeded, requestID: id, peer: request.peer)
        if let failure {
            let isDenied = [401, 403, 429].contains(failure.status.rawValue)
            record.outcome = isDenied ? .denied : .failed
            record.reason = "\(failure.code.rawValue): \(failure.message)"
        }
        if caller == nil {
            // That clients ask without a token first is how they find out where to get one.
            guard let failure, failure.status == .unauthorized || failure.status == .tooManyRequests,
                request.fields.contains("Authorization") || operation == .token,
                let leftOut = sinks.refusals.take()
            else { return }
            if leftOut > 0 {
                record.reason = "\(record.reason ?? ""); \(leftOut) like it before were not recorded"
            }
        } else if operation?.isRecorded != true {
            return
        }
        await sinks.audit.record(record, orTell: sinks.logger)
    }

    private func resource(_ operation: RegistryOperation?, _ request: HTTPRequest) -> String {
        // What has no URI is told by its path.
        guard let name = operation?.need?.repository, let uri = try? RegistryResource.uri(name) else {
            return String(request.path.prefix(1024))
        }
        switch operation {
        case .putManifest(_, let manifest), .deleteManifest(_, let manifest): return "\(uri)#\(manifest)"
        case .deleteBlob(_, let digest): return "\(uri)#\(digest)"
        default: return uri.description
        }
    }
}

/// A request with its query.
struct RegistryRequest: Sendable {
    let http: HTTPRequest
    let query: RequestQuery

    init(_ http: HTTPRequest, _ query: RequestQuery) {
        self.http = http
        self.query = query
    }

    var fields: HTTPFields { http.fields }

    /// How many entries of a list are asked for; nil where that is not said.
    func count(upTo limit: Int) throws -> Int? {
        guard let text = query["n"] else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw RegistryError(.badRequest, .unsupported, "n is no number of entries")
        }
        return min(number, limit)
    }
}

extension HTTPResponse {
    static func json(
        _ text: some StringProtocol, type: String = "application/json", fields: HTTPFields = HTTPFields()
    ) -> HTTPResponse {
        var fields = fields
        fields["Content-Type"] = type
        return HTTPResponse(.ok, fields: fields, body: .bytes(Array(text.utf8)))
    }
}
