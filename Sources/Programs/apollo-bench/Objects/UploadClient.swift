import Benchmarks
import Core
import HTTPClients
import ObjectClients
import ObjectTransfers

/// Stores files as `apollo blob cp` does.
struct UploadClient: Sendable {
    private let client: ObjectClient
    private let transfers: Transfers
    private let object = ObjectPlace.Object(bucket: ObjectPlatform.bucket, key: "large")

    init(_ objects: ObjectPlatform, in workshop: Workshop) {
        let http = HTTPClient(HTTPClientConfiguration(maximumIdleConnections: 16))
        workshop.onClose { await http.close() }
        client = ObjectClient(
            endpoint: StoreEndpoint(objects.store, style: .path),
            proof: .token(objects.token, project: "default"), http: http, environment: workshop.environment)
        transfers = Transfers(client, parallel: 8, journals: nil, environment: workshop.environment)
    }

    func upload(_ path: String) async throws {
        try await transfers.upload(path, to: object) { _ in }
    }

    func remove() async throws { try await client.delete(object.bucket, object.key) }
}
