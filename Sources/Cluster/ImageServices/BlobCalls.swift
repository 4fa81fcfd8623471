import Core
import HTTPModel
import ImageModel
import ImageStorage
import ObjectStorage
import S3Signatures

extension ImageServer {
    func getBlob(
        _ digest: ImageDigest, _ name: RepositoryName, _ request: RegistryRequest
    ) async throws -> HTTPResponse {
        var fields = HTTPFields([
            "Content-Type": "application/octet-stream", "Docker-Content-Digest": digest.text,
            "ETag": "\"\(digest)\"", "Accept-Ranges": "bytes",
        ])
        if request.http.method == .head {
            let blob = try await store.blob(digest, in: name)
            return HTTPResponse(.ok, fields: fields, body: .stream(length: blob.size) { _ in })
        }
        let (blob, reader) = try await store.open(digest, in: name)
        // Its bytes never change: when they came does not matter.
        let selection = ContentSelection(
            request.fields, size: blob.size, tag: "\"\(digest)\"", modified: Timestamp(microseconds: 0))
        let range: Range<Int64>
        switch selection {
        case .notModified: return HTTPResponse(.notModified, fields: fields)
        case .preconditionFailed:
            throw RegistryError(.preconditionFailed, .unsupported, "the condition does not hold")
        case .unsatisfiable:
            var error = RegistryError(
                .rangeNotSatisfiable, .sizeInvalid,
                "the blob has \(blob.size) bytes: none of them is asked for")
            error.fields["Content-Range"] = "bytes */\(blob.size)"
            throw error
        case .whole: range = 0..<blob.size
        case .part(let part):
            range = part
            fields["Content-Range"] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)"
        }
        let status: HTTPStatus = range.count == Int(blob.size) && selection == .whole ? .ok : .partialContent
        guard !range.isEmpty else { return HTTPResponse(status, fields: fields, body: .bytes([])) }
        // Its name is its digest, which every client holds it against (docs/decisions/0009).
        return HTTPResponse(
            status, fields: fields,
            body: try await reader.body(of: range, isSecure: isSecure, isChecked: false))
    }
}
