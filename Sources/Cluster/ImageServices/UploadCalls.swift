import Core
import HTTPModel
import Identity
import ImageModel
import ImageStorage
import S3Signatures

extension ImageServer {
    /// Begins an upload; or gives the repository a blob at once, where it comes with the request or another repository has it.
    func beginUpload(
        _ name: RepositoryName, _ request: RegistryRequest, _ caller: RegistryCaller,
        _ challenge: RegistryChallenge
    ) async throws -> HTTPResponse {
        let repository = RegistryResource.record(name)
        if let text = request.query["mount"] {
            let digest = try ImageDigest(parsing: text)
            if let from = request.query["from"],
                try await mount(digest, from, repository, caller, challenge)
            {
                return Self.created(digest, name)
            }
        } else if let text = request.query["digest"] {
            let digest = try ImageDigest(parsing: text)
            let body = request.http.body
            let piece = try await store.receive(digest.algorithm, in: repository.project) {
                try await body.next()
            }
            guard piece.digester?.finish() == digest else {
                await store.discard(piece)
                throw ImageStoreError.wrongDigest
            }
            try await access.adding(to: repository.project) {
                try await store.put(piece.content, as: digest, in: repository, by: caller.name)
            }
            return Self.created(digest, name)
        }
        var algorithm = ImageDigest.Algorithm.sha256
        if let text = request.query["digest-algorithm"] {
            guard let named = ImageDigest.Algorithm(rawValue: text) else {
                throw RegistryError(
                    .badRequest, .digestInvalid, "the algorithm '\(text.prefix(32))' is not known")
            }
            algorithm = named
        }
        let upload = try await access.adding(to: repository.project) {
            try await store.beginUpload(to: repository, algorithm, by: caller.name)
        }
        return Self.underWay(.accepted, upload)
    }

    /// False where the blob is not to be had there: then it has to be pushed.
    private func mount(
        _ digest: ImageDigest, _ from: String, _ repository: RepositoryRecord, _ caller: RegistryCaller,
        _ challenge: RegistryChallenge
    ) async throws -> Bool {
        // What is no name has nothing to mount.
        guard let source = try? RegistryOperation.canonical(RepositoryName(parsing: from)) else {
            return false
        }
        // That a blob is there is told to those alone who may pull it, by a token that is good for it.
        try caller.requireToken(.pull, source, challenge)
        guard try caller.may(.pull, source) else { return false }
        do {
            try await access.adding(to: repository.project) {
                try await store.mount(digest, from: source, to: repository, by: caller.name)
            }
            return true
        } catch ImageStoreError.noBlob {
            return false
        }
    }

    func uploadStatus(_ id: ImageUploadID, _ name: RepositoryName) async throws -> HTTPResponse {
        Self.underWay(.noContent, try await store.upload(id, to: name))
    }

    func appendToUpload(
        _ id: ImageUploadID, _ name: RepositoryName, _ request: RegistryRequest
    ) async throws -> HTTPResponse {
        let upload = try await store.upload(id, to: name)
        try Self.checkRange(request, upload)
        let body = request.http.body
        return Self.underWay(.accepted, try await store.append(to: upload) { try await body.next() })
    }

    func completeUpload(
        _ id: ImageUploadID, _ name: RepositoryName, _ request: RegistryRequest
    ) async throws -> HTTPResponse {
        guard let text = request.query["digest"] else {
            throw RegistryError(.badRequest, .digestInvalid, "the parameter digest is missing")
        }
        let digest = try ImageDigest(parsing: text)
        let upload = try await store.upload(id, to: name)
        try Self.checkRange(request, upload)
        let body = request.http.body
        let whole = try await store.append(to: upload) { try await body.next() }
        try await access.adding(to: whole.repository.project) {
            try await store.complete(whole, as: digest)
        }
        return Self.created(digest, name)
    }

    // MARK: Bytes

    /// Holds `Content-Range`, where it is there, against what an upload has and the request brings.
    private static func checkRange(_ request: RegistryRequest, _ upload: ImageUpload) throws {
        guard let field = request.fields["Content-Range"] else { return }
        func refuse(_ message: String) -> RegistryError {
            var error = RegistryError(.rangeNotSatisfiable, .uploadInvalid, message)
            error.fields = place(of: upload)
            return error
        }
        // As the specification has it, `0-99`; and as some clients write it, after HTTP's form.
        let text = field.hasPrefix("bytes ") ? field.dropFirst(6).prefix { $0 != "/" } : field[...]
        let sides = text.split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 0x2D }),
            let first = Int64(sides[0]), let last = Int64(sides[1]), first <= last
        else { throw refuse("Content-Range is not of the form '0-99'") }
        guard first == upload.size else {
            throw refuse("the upload has \(upload.size) bytes: go on behind them")
        }
        if let length = request.fields["Content-Length"].flatMap({ Int64($0) }), length != last - first + 1 {
            throw refuse("Content-Range has another length than the body")
        }
    }

    // MARK: Answers

    static func created(_ digest: ImageDigest, _ name: RepositoryName) -> HTTPResponse {
        HTTPResponse(
            .created,
            fields: HTTPFields([
                "Location": "/v2/\(name)/blobs/\(digest)", "Docker-Content-Digest": digest.text,
            ]))
    }

    private static func underWay(_ status: HTTPStatus, _ upload: ImageUpload) -> HTTPResponse {
        HTTPResponse(status, fields: place(of: upload))
    }

    private static func place(of upload: ImageUpload) -> HTTPFields {
        HTTPFields([
            "Location": "/v2/\(upload.repository.name)/blobs/uploads/\(upload.id)",
            // Of no bytes, too, the last is at 0: so clients have always been told.
            "Range": "0-\(max(0, upload.size - 1))", "Docker-Upload-UUID": upload.id.text,
        ])
    }
}
