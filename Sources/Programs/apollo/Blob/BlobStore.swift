import APIClients
import AccessKeyMessages
import Arguments
import Concurrency
import Configuration
import Core
import HTTPClients
import HTTPModel
import ObjectClients
import ObjectTransfers
import PlatformClients
import S3Signatures

/// Which store `apollo blob` talks to: the platform's, unless another is named.
enum BlobStore {
    static let endpoint = Parameter.option(
        "endpoint", .text("URL"), help: "Where it answers, such as https://minio.example:9000.")
    static let profile = Parameter.option(
        "profile", .text("NAME"),
        help:
            "The profile of ~/.aws/credentials and ~/.aws/config with its key, its region and where it answers."
    )
    static let region = Parameter.option(
        "region", .text("NAME"), help: "What it is signed for; AWS_REGION or the profile's unless said.")
    static let addressing = Parameter.option(
        "addressing", .choice(StoreEndpoint.Style.self, "STYLE"),
        help: "Whether buckets stand in the path or in the host's name; as its host is used to unless said.")

    static let group = ParameterGroup(
        "Another store, with a key of AWS_ACCESS_KEY_ID or of a profile",
        [endpoint, profile, region, addressing])

    /// What was said of another store; nil where the platform's own is meant.
    static func other(_ invocation: Invocation, _ session: Session) throws -> StoreSettings? {
        let options = StoreSettings.Options(
            endpoint: invocation[endpoint], profile: invocation[profile], region: invocation[region],
            style: invocation[addressing])
        guard options.endpoint != nil || options.profile != nil else {
            guard options == .init() else {
                throw invocation.usageError(
                    "--region and --addressing are of another store: give --endpoint or --profile, too")
            }
            return nil
        }
        let home = HostFacts.current(variables: session.variables).home ?? ""
        return try StoreSettings(
            options, variables: session.variables,
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "\(home)/.aws/credentials", session),
            configuration: file("AWS_CONFIG_FILE", "\(home)/.aws/config", session), process: run)
    }

    /// How long a `credential_process` may take: it may ask a person.
    private static let processLimit = Duration.seconds(60)

    /// Runs the line of a `credential_process`. It stays out of messages: it may hold a password.
    static func run(_ line: String) throws(ApolloError) -> [UInt8] {
        do throws(BoundedCommand.Failure) {
            return try BoundedCommand(["/bin/sh", "-c", line], showsErrors: true).run(within: processLimit)
        } catch {
            let reason =
                switch error {
                case .exited(let code): "it failed with exit code \(code)"
                case .tooSlow: "it did not end within \(processLimit.short)"
                default: "\(error)"
                }
            throw ApolloError(
                .unavailable, "the profile's credential_process gave no key: \(reason)",
                hint: "run it by hand; it has to write the key to its standard output and exit with 0")
        }
    }

    private static func file(
        _ variable: String, _ path: String, _ session: Session
    ) throws -> StoreSettings.File? {
        let said = session.variables[variable].flatMap { $0.isEmpty ? nil : $0 }
        let path = said ?? path
        guard let text = try PrivateFile.read(path, upTo: 1 << 20) else {
            guard said == nil else {
                throw ApolloError(.notFound, "there is no \(path)", hint: "\(variable) names it")
            }
            return nil
        }
        return (path, text)
    }
}

extension Session {
    /// Runs `body` with a client of the platform's object store, or of the one that was named, and lets go of it afterwards.
    func withObjects<Result: Sendable>(
        _ invocation: Invocation, _ body: (ObjectClient) async throws -> Result
    ) async throws -> Result {
        let other = try BlobStore.other(invocation, self)
        let endpoint: StoreEndpoint
        let proof: ObjectClient.Proof
        if let other {
            endpoint = other.endpoint
            proof = other.signer.map { .signer($0) } ?? .anonymous
        } else {
            endpoint = StoreEndpoint(try await objectStore().address, style: .path)
            proof = .token(try target.token(), project: target.project)
        }
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: other.map(\.authorities) ?? target.authorities),
                maximumIdleConnections: 16))
        let client = ObjectClient(
            endpoint: endpoint, proof: proof, trailing: other?.trailing ?? .automatic, http: http,
            environment: .live)
        do {
            let result = try await body(client)
            await http.close()
            return result
        } catch {
            await http.close()
            guard let other else { throw target.explaining(error) }
            throw Self.explaining(error, other)
        }
    }

    private static func explaining(_ error: any Error, _ store: StoreSettings) -> any Error {
        guard var error = error as? ApolloError, error.kind == .denied, store.signer == nil else {
            return error
        }
        error.hint = "no key was found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a --profile"
        return error
    }

    /// Where the platform's store answers, and its region.
    func objectStore() async throws -> (address: String, region: String) {
        try await withClient { client in
            let view: ObjectStoreView = try await client.api.decode(
                client.api.unscoped.call(.get, "/objects"))
            return (Self.objects(view, beside: client.api.address), view.region)
        }
    }

    /// The store's address: the host that the platform is reached by, with the store's port.
    private static func objects(_ view: ObjectStoreView, beside base: String) -> String {
        let scheme = base.hasPrefix("https://") ? "https" : "http"
        let authority = base.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
        // The last colon that is not within an IPv6 address.
        let colon = authority.lastIndex(of: ":").flatMap {
            authority[$0...].contains("]") ? nil : $0
        }
        return "\(scheme)://\(authority[..<(colon ?? authority.endIndex)]):\(view.port)"
    }
}
