import APIClients
public import APIMessages
import Documents
import HTTPModel

/// Volumes of a project: one method a call.
extension PlatformClient {
    public func volumes() async throws -> [VolumeDescription] {
        let page: VolumePage = try await api.decode(api.call(.get, "/volumes"))
        return page.items
    }

    public func volume(_ name: String) async throws -> VolumeDescription {
        try await api.decode(api.call(.get, volumePath(name)))
    }

    public func make(_ request: VolumeRequest) async throws -> VolumeDescription {
        try await api.decode(api.call(.post, "/volumes", body: JSONWriter.bytes(encoding: request)))
    }

    public func removeVolume(_ name: String, force: Bool) async throws {
        _ = try await api.call(.delete, volumePath(name) + (force ? "?force=true" : ""))
    }

    private func volumePath(_ name: String) -> String { "/volumes/\(APIClient.escape(name))" }
}
