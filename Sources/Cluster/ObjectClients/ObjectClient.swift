import Concurrency
public import Core
public import HTTPClients
import HTTPModel
import S3Messages
public import S3Signatures
import Synchronization

/// A client of an S3 store: ours, with a token of the platform, or any, with an access key.
///
/// Requests are signed (the pieces of their bodies too, where no TLS protects them), sent again after failures that may pass, and
/// signed anew where the store says that the clock or the region is another.
public struct ObjectClient: Sendable {
    /// How the client proves who asks.
    public enum Proof: Sendable {
        /// A token of the platform, for buckets of a project.
        case token(String, project: String)
        case signer(RequestSigner)
        /// Not at all: for what anybody may read.
        case anonymous
    }

    /// What is asked of the store.
    struct Request {
        var method: HTTPMethod
        var bucket: String?
        var key: String?
        var query = RequestQuery()
        var fields = HTTPFields()
        var body = ObjectBody.bytes([])
        /// Without a bound on its time as a whole: bodies may be of any size.
        var isLong = false
        /// Whether it says the same when it was done already: not so under a condition that it changes itself.
        var isRepeatable = true
        /// Told the checksum that was sent behind the body, where one was.
        var checksum: BodyChecksum?

        var place: String { "s3://" + [bucket, key].compactMap(\.self).joined(separator: "/") }
    }

    /// A request as it is sent, and what it was signed with.
    private struct Attempt {
        var request: HTTPClientRequest
        var time: Timestamp?
        var skew: Duration
        var region: String?
    }

    /// When the checksum of what is stored follows it, so that the store holds what came against it before it keeps any of it. Bodies that
    /// are in memory have none: their hash is signed.
    public enum TrailingChecksums: String, Hashable, Sendable {
        /// Where TLS protects the bytes, or the store is ours.
        case automatic
        /// Also where each piece is signed.
        case always
        /// Never, for stores that do not know them; only ours, which does.
        case never
    }

    /// What was learned of the store, for all copies of the client.
    private final class Learned: Sendable {
        struct Facts {
            /// How far its clock is ahead of ours.
            var skew = Duration.zero
            var region: String?
        }

        let facts = Mutex(Facts())
    }

    /// The waits between tries of a request.
    static let backoff = Backoff(base: .milliseconds(200), cap: .seconds(5), limit: 4)
    /// How often one request is signed anew.
    private static let mostCorrections = 2

    public let endpoint: StoreEndpoint
    private let proof: Proof
    private let trailing: TrailingChecksums
    private let http: HTTPClient
    let environment: Environment
    private let learned = Learned()

    public init(
        endpoint: StoreEndpoint, proof: Proof, trailing: TrailingChecksums = .automatic, http: HTTPClient,
        environment: Environment
    ) {
        self.endpoint = endpoint
        self.proof = proof
        self.trailing = trailing
        self.http = http
        self.environment = environment
    }

    /// Whether a checksum follows the bodies that are not in memory.
    public var sendsChecksums: Bool {
        switch proof {
        case .anonymous: false
        // Only our store knows tokens.
        case .token: true
        case .signer: trailing == .always || trailing == .automatic && endpoint.isSecure
        }
    }

    /// Sends a request, and returns once the answer's fields are here.
    ///
    /// - Throws: ``ApolloError``: the store's own, or why there is no answer.
    func send(_ request: Request) async throws -> HTTPClientResponse {
        var backoff = Self.backoff
        var corrections = 0
        while true {
            let attempt = try prepare(request)
            let error: ApolloError
            switch await answer(to: attempt.request) {
            case .success(let response) where response.status.rawValue < 300: return response
            case .success(let response):
                // The status says enough where its body breaks off.
                let said = (try? await response.body.collect(upTo: 1 << 20)) ?? []
                let failure = RequestFailure(response.status, response.fields, said)
                error = failure.error(on: request.place)
                switch failure.remedy(signedAt: attempt.time, for: attempt.region) {
                case .none: throw error
                case .retry:
                    // A store that is too busy has not begun.
                    guard request.isRepeatable || response.status == .serviceUnavailable else { throw error }
                case .useClock(let ahead):
                    corrections += 1
                    guard corrections <= Self.mostCorrections else { throw error }
                    learned.facts.withLock { $0.skew = attempt.skew + ahead }
                    continue
                case .useRegion(let region):
                    corrections += 1
                    guard corrections <= Self.mostCorrections else { throw error }
                    learned.facts.withLock { $0.region = region }
                    continue
                }
            case .failure(let failure):
                error = failure.asApolloError
                guard Self.mayPass(failure, request) else { throw error }
            }
            guard let wait = backoff.next(random: environment.random) else { throw error }
            try await environment.clock.sleep(for: wait)
        }
    }

    private func answer(
        to request: HTTPClientRequest
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        do throws(HTTPClientError) { return .success(try await http.send(request)) } catch {
            return .failure(error)
        }
    }

    private static func mayPass(_ error: HTTPClientError, _ request: Request) -> Bool {
        switch error {
        case .couldNotConnect, .couldNotResolve, .timedOut(.connecting, _, _): true
        case .disconnected, .timedOut(.idle, _, _): request.isRepeatable
        default: false
        }
    }

    private func prepare(_ request: Request) throws -> Attempt {
        let target = endpoint.target(bucket: request.bucket, key: request.key)
        let path = PercentEncoding.encode(target.path, keepsSlash: true)
        let query = request.query.items.isEmpty ? "" : "?\(request.query.text)"
        var sent = HTTPClientRequest(
            request.method, target.base + path + query, fields: request.fields, retry: .never)
        sent.timeouts = HTTPTimeouts(
            connect: .seconds(5), idle: .seconds(60), total: request.isLong ? nil : .seconds(120))
        let facts = learned.facts.withLock(\.self)
        var attempt = Attempt(request: sent, time: nil, skew: facts.skew, region: nil)
        attempt.request.body = Self.plain(request)
        switch proof {
        case .anonymous: break
        case .token(let token, let project):
            attempt.request.fields["Authorization"] = "Bearer \(token)"
            attempt.request.fields["x-apollo-project"] = project
            (attempt.request.fields, attempt.request.body) = request.body.unsigned(
                attempt.request.fields, request.checksum, as: attempt.request.body)
        case .signer(var signer):
            signer.region = facts.region ?? signer.region
            let time = environment.wallClock.now.advanced(by: facts.skew)
            (attempt.time, attempt.region) = (time, signer.region)
            let parts = SignedParts(
                method: request.method.rawValue, path: Array(target.path.utf8), query: request.query,
                fields: request.fields, host: target.host)
            (attempt.request.fields, attempt.request.body) = try request.body.signed(
                signer, parts, at: time, isSecure: endpoint.isSecure, request.checksum,
                as: attempt.request.body)
            // The client writes it itself, and the same.
            attempt.request.fields["Host"] = nil
        }
        return attempt
    }

    private static func plain(_ request: Request) -> HTTPClientBody {
        switch request.body {
        case .bytes(let bytes):
            request.method == .put || request.method == .post ? .bytes(bytes) : .empty
        case .reader(0, _): .bytes([])
        case .reader(let length, let make): .replayable(length: length, make)
        }
    }

    /// The answer to a request, whole.
    func call(_ request: Request) async throws -> (fields: HTTPFields, body: [UInt8]) {
        let response = try await send(request)
        do {
            return (response.fields, try await response.body.collect(upTo: 64 << 20))
        } catch let error as HTTPClientError {
            throw error.asApolloError
        }
    }

    /// The document that answers a request which takes long: S3 may say that it failed after it has sent that it went well.
    ///
    /// - Parameter name: of the document's element where it did go well.
    func document(_ request: Request, expecting name: String) async throws -> XMLNode {
        var backoff = Self.backoff
        while true {
            let root = try Self.document(await call(request).body)
            if root.name == name { return root }
            guard root.name == "Error", let wait = backoff.next(random: environment.random) else {
                throw ApolloError(
                    .unavailable, "\(request.place): \(root["Message"]?.text ?? root.name)",
                    hint: "try again")
            }
            try await environment.clock.sleep(for: wait)
        }
    }
}
