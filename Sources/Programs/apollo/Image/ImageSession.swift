import Concurrency
import Core
import Glibc
import HTTPClients
import ImageClients
import ImageFiles
import ImageModel
import ImageTransfers
import Synchronization
import Terminal

extension Session {
    /// Runs `body` with a client of the platform's registry, and lets go of it afterwards.
    func withImages<Result: Sendable>(
        _ body: (ImageRegistry) async throws -> Result
    ) async throws -> Result {
        let token = try target.token()
        // Of several managers each leads to the one that has the images.
        let address = try target.address().split(separator: ",").first.map(String.init) ?? ""
        let client = RegistryClient(
            http: HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: target.authorities), maximumIdleConnections: 8),
            environment: .live)
        let registry = ImageRegistry(.address(address, authorization: "Bearer \(token)"), by: client)
        do { return try await client.closing { try await body(registry) } } catch {
            throw target.explaining(error)
        }
    }

    /// Runs `body` with a client of the registry that a reference names, which need not be the platform's, and the repository there.
    func withImages<Result: Sendable>(
        of reference: ImageReference, _ body: (ImageRegistry, RepositoryName) async throws -> Result
    ) async throws -> Result {
        guard let host = reference.host, try !isOwn(host) else {
            let repository = try repository(reference)
            return try await withImages { try await body($0, repository) }
        }
        var configuration = RegistryClient.Configuration()
        configuration.credentials = { [variables] in try RegistryLogins.load(variables) }
        let client = RegistryClient(
            configuration, http: HTTPClientConfiguration(maximumIdleConnections: 8), environment: .live)
        return try await client.closing {
            try await body(ImageRegistry(.host(host), by: client), reference.onDockerHub.repository)
        }
    }

    /// Whether a host is the platform's own.
    private func isOwn(_ host: RegistryHost) throws -> Bool {
        let addresses = try target.address().split(separator: ",")
        return addresses.contains { $0.drop { $0 != "/" }.drop { $0 == "/" } == host.description }
    }

    /// The repository of the platform's registry that a reference means; nil where it means another registry's.
    func ownRepository(_ reference: ImageReference) throws -> RepositoryName? {
        if let host = reference.host, try !isOwn(host) { return nil }
        return try repository(reference)
    }

    /// The repository of the platform's registry that a reference means: of the session's project, where it has but one part.
    func repository(_ reference: ImageReference) throws -> RepositoryName {
        if let host = reference.host {
            guard try isOwn(host) else {
                throw ApolloError(
                    .invalid, "\(host) is not this platform's registry, which is \(try target.address())",
                    hint: "pull, export, inspect and tags take images of others; 'skopeo copy' copies to them"
                )
            }
        }
        guard reference.repository.parts.count == 1, target.project != "default" else {
            return reference.repository
        }
        do throws(ImageError) {
            return try RepositoryName(parsing: "\(target.project)/\(reference.repository)")
        } catch {
            throw ApolloError(.invalid, "\(error)")
        }
    }

    /// Copies images, and shows how far it is.
    func transfer<Result: Sendable>(
        _ label: String, _ registry: ImageRegistry, _ layout: ImageLayout,
        _ body: (ImageTransfer) async throws -> Result
    ) async throws -> Result {
        try await withProgress(on: errors, clock: LiveClock()) { display in
            let bar = display.start(label, total: nil)
            let copied = Mutex<Int64>(0)
            let transfer = ImageTransfer(registry, layout, pool: BlockingPool(name: "images")) { event in
                guard case .copied(let bytes) = event else { return }
                bar.update(
                    copied.withLock { copied in
                        copied += bytes
                        return copied
                    })
            }
            return try await body(transfer)
        }
    }
}

extension RegistryClient {
    /// Runs `body`, and closes the client after it, whatever comes of it.
    fileprivate func closing<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await close()
        return try result.get()
    }
}

/// A layout that goes when it is not needed any more.
final class TemporaryLayout: Sendable {
    let layout: ImageLayout
    private let path: String

    init(variables: [String: String]) throws {
        let parent = variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/apollo-image-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        guard made else {
            throw ApolloError(
                .unavailable, "cannot make a directory in \(parent): \(String(cString: strerror(errno)))")
        }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        layout = try ImageLayout(preparing: path)
    }

    deinit { layout.remove() }
}
