public import ImageClients
public import ImageModel

/// Where images come from.
public protocol ImageSource: Sendable {
    /// The manifest for a machine, of what stands behind the reference.
    func manifest(
        _ reference: ImageReference, for machine: ImagePlatform
    ) async throws(RegistryClientError) -> (manifest: ImageManifest, fetched: FetchedDocument)

    /// A small blob whole, held against its digest.
    func blob(
        _ descriptor: ImageDescriptor, of reference: ImageReference, limit: Int
    ) async throws(RegistryClientError) -> [UInt8]

    /// A blob as it comes, held against nothing.
    func blobStream(
        _ descriptor: ImageDescriptor, of reference: ImageReference, from offset: Int64
    ) async throws(RegistryClientError) -> BlobStream
}

extension RegistryClient: ImageSource {}
