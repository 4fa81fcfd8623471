import Core
public import HTTPClients
import HTTPModel
import S3Messages
import S3Signatures

/// A part of an upload, as it was stored.
public struct UploadedPart: Hashable, Sendable {
    public var number: Int
    public var tag: String
}

// Objects that are sent in parts.
extension ObjectClient {
    /// Begins an upload, and returns its id.
    public func beginUpload(_ bucket: String, _ key: String) async throws -> String {
        let answer = try await call(
            Request(method: .post, bucket: bucket, key: key, query: RequestQuery([.init("uploads", "")])))
        guard let id = try Self.document(answer.body)["UploadId"]?.text, !id.isEmpty else {
            throw ApolloError(.corrupt, "the answer of the store names no upload", hint: "is it an S3 store?")
        }
        return id
    }

    public func uploadPart(
        _ bucket: String, _ key: String, upload: String, number: Int, _ body: HTTPClientBody
    ) async throws -> UploadedPart {
        let query = RequestQuery([.init("partNumber", "\(number)"), .init("uploadId", upload)])
        let answer = try await call(
            Request(
                method: .put, bucket: bucket, key: key, query: query, body: body,
                payload: RequestSigner.unsignedPayload, isLong: true))
        return UploadedPart(number: number, tag: Self.bare(answer.fields["ETag"]))
    }

    /// Puts the parts together, and returns the object's tag.
    public func completeUpload(
        _ bucket: String, _ key: String, upload: String, _ parts: [UploadedPart]
    ) async throws -> String {
        var writer = XMLWriter()
        writer.element("CompleteMultipartUpload", namespace: XMLWriter.namespace) { writer in
            for part in parts {
                writer.element("Part") { writer in
                    writer.element("PartNumber", Int64(part.number))
                    writer.element("ETag", "\"\(part.tag)\"")
                }
            }
        }
        let answer = try await call(
            Request(
                method: .post, bucket: bucket, key: key, query: RequestQuery([.init("uploadId", upload)]),
                body: .bytes(writer.bytes), payload: RequestSigner.unsignedPayload, isLong: true))
        // An upload whose end takes long may fail after its status was sent.
        let root = try Self.document(answer.body)
        guard root.name == "CompleteMultipartUploadResult" else {
            throw ApolloError(
                .unavailable, "the upload was not put together: \(root["Message"]?.text ?? root.name)",
                hint: "try again")
        }
        return Self.bare(root["ETag"]?.text)
    }

    /// Gives an upload up.
    public func abortUpload(_ bucket: String, _ key: String, upload: String) async throws {
        _ = try await call(
            Request(
                method: .delete, bucket: bucket, key: key, query: RequestQuery([.init("uploadId", upload)])))
    }
}
