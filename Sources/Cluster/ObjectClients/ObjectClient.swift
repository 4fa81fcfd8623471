public import Core
public import HTTPClients
import HTTPModel
import S3Messages
public import S3Signatures

/// A client of an S3 store: ours, with a token of the platform, or any, with an access key.
public struct ObjectClient: Sendable {
    /// How the client proves who asks.
    public enum Proof: Sendable {
        /// A token of the platform, for buckets of a project.
        case token(String, project: String)
        case signer(RequestSigner)
    }

    /// What is asked of the store.
    struct Request {
        var method: HTTPMethod
        var bucket: String?
        var key: String?
        var query = RequestQuery()
        var fields = HTTPFields()
        var body = HTTPClientBody.empty
        /// The SHA-256 of the body, where it is signed.
        var payload = RequestSigner.emptyPayload
        /// Without a bound on its time as a whole: bodies may be of any size.
        var isLong = false
    }

    public let address: String
    private let proof: Proof
    private let http: HTTPClient
    private let clock: any WallClock

    /// - Parameter address: where the store answers, without a slash at the end: `http://127.0.0.1:7071`.
    public init(address: String, proof: Proof, http: HTTPClient, clock: any WallClock) {
        self.address = address
        self.proof = proof
        self.http = http
        self.clock = clock
    }

    /// Sends a request, and returns once the answer's fields are here.
    ///
    /// - Throws: ``ApolloError``: the store's own, or why there is no answer.
    func send(_ request: Request) async throws -> HTTPClientResponse {
        let path = "/" + [request.bucket, request.key].compactMap(\.self).joined(separator: "/")
        let encoded = PercentEncoding.encode(path, keepsSlash: true)
        let query = request.query.items.isEmpty ? "" : "?\(request.query.text)"
        var sent = HTTPClientRequest(request.method, address + encoded + query, fields: request.fields)
        sent.body = request.body
        sent.timeouts = HTTPTimeouts(
            connect: .seconds(5), idle: .seconds(60), total: request.isLong ? nil : .seconds(120))
        switch proof {
        case .token(let token, let project):
            sent.fields["Authorization"] = "Bearer \(token)"
            sent.fields["x-apollo-project"] = project
        case .signer(let signer):
            var parts = SignedParts(
                method: request.method.rawValue, path: Array(path.utf8), query: request.query,
                fields: request.fields)
            parts.fields["Host"] = String(address.drop { $0 != "/" }.drop { $0 == "/" })
            var fields = signer.sign(parts, payload: request.payload, at: clock.now)
            // The client writes it itself, and the same.
            fields["Host"] = nil
            sent.fields = fields
        }
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await http.send(sent)
        } catch {
            throw error.asApolloError
        }
        guard response.status.rawValue >= 300 else { return response }
        throw try await Self.failure(response, request)
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

    /// What an answer of a status from 300 on says.
    private static func failure(
        _ response: HTTPClientResponse, _ request: Request
    ) async throws -> ApolloError {
        let body = try await response.body.collect(upTo: 1 << 20)
        let what = "s3://" + [request.bucket, request.key].compactMap(\.self).joined(separator: "/")
        // No answer to HEAD has a body, and others than ours may answer something else.
        let document = try? XMLReader.read(body)
        let code = document?["Code"]?.text
        let said = document?["Message"]?.text ?? "the server answered \(response.status)"
        let kind: ErrorKind =
            switch response.status.rawValue {
            case 304, 409, 412: .conflict
            case 401: .unauthenticated
            case 403: .denied
            case 404: .notFound
            case 507: .exhausted
            case 503: .unavailable
            case 500..<600: .internal
            default: .invalid
            }
        let hint: String? =
            switch code {
            case "NoSuchBucket": "'apollo blob ls' lists buckets, 'apollo blob mkbucket' makes one"
            case "BucketNotEmpty": "remove what is in it first: apollo blob rm --recursive \(what)"
            case "RequestTimeTooSkewed": "set this machine's clock"
            default: nil
            }
        let message =
            response.status == .notFound && code == nil ? "there is no \(what)" : "\(what): \(said)"
        return ApolloError(kind, message, hint: hint)
    }
}
