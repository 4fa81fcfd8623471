import Core
import Databases
import Documents
import HTTPModel
import ImageModel
import ImageStorage
import ObjectStorage

/// What a client is told in the form of the OCI distribution specification ("Error Codes").
struct RegistryError: Error, Sendable {
    enum Code: String, Sendable {
        case blobUnknown = "BLOB_UNKNOWN"
        case uploadInvalid = "BLOB_UPLOAD_INVALID"
        case uploadUnknown = "BLOB_UPLOAD_UNKNOWN"
        case digestInvalid = "DIGEST_INVALID"
        case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
        case manifestInvalid = "MANIFEST_INVALID"
        case manifestUnknown = "MANIFEST_UNKNOWN"
        case nameInvalid = "NAME_INVALID"
        case nameUnknown = "NAME_UNKNOWN"
        case sizeInvalid = "SIZE_INVALID"
        case unauthorized = "UNAUTHORIZED"
        case denied = "DENIED"
        case unsupported = "UNSUPPORTED"
        case tooManyRequests = "TOOMANYREQUESTS"
        /// Not the specification's, which has none for faults of the server.
        case unknown = "UNKNOWN"
    }

    var status: HTTPStatus
    var code: Code
    var message: String
    /// Besides the form's own.
    var fields = HTTPFields()
    /// What it is about, one error each; empty for one error.
    var details: [String] = []

    init(_ status: HTTPStatus, _ code: Code, _ message: String, details: [String] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    var response: HTTPResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("errors")
        writer.beginArray()
        for detail in details.isEmpty ? [nil] : details.map(Optional.some) {
            writer.beginObject()
            writer.field("code", code.rawValue)
            writer.field("message", message)
            if let detail { writer.field("detail", detail) }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        var fields = fields
        fields["Content-Type"] = "application/json"
        return HTTPResponse(status, fields: fields, body: .bytes(writer.bytes))
    }

    /// What is told of any error.
    init(telling error: any Error) {
        switch error {
        case let error as RegistryError: self = error
        case let error as ImageStoreError: self.init(error)
        case let error as ImageError: self.init(error)
        case let error as HTTPBodyError: self.init(error)
        case let error as DatabaseError: self.init(error.asApolloError)
        case let error as ApolloError: self.init(error)
        case StoreError.full:
            self.init(507, .unknown, "the registry's disk is full")
        default: self.init(.internalServerError, .unknown, "the registry failed; its log says why")
        }
    }

    private init(_ error: ImageStoreError) {
        switch error {
        case .noRepository: self.init(.notFound, .nameUnknown, "there is no such repository")
        case .noBlob: self.init(.notFound, .blobUnknown, "the repository has no such blob")
        case .noManifest: self.init(.notFound, .manifestUnknown, "the repository has no such manifest")
        case .noUpload:
            self.init(.notFound, .uploadUnknown, "there is no such upload: it has ended, or took too long")
        case .wrongOffset(let size):
            self.init(
                .rangeNotSatisfiable, .uploadInvalid, "the upload has \(size) bytes: go on behind them")
        case .tooManyParts:
            self.init(.badRequest, .uploadInvalid, "the upload came in more pieces than an upload may have")
        case .wrongDigest:
            self.init(.badRequest, .digestInvalid, "the bytes that came have another digest")
        case .missing(let digests):
            self.init(
                .badRequest, .manifestBlobUnknown, "the repository lacks what the manifest names",
                details: digests.prefix(20).map(\.text))
        case .quota(let limit):
            self.init(
                .forbidden, .denied,
                "the project's images may have \(ByteCount(limit)) at most: remove some ('apollo image rm', 'apollo image gc'), or have the quota raised"
            )
        }
    }

    private init(_ error: ImageError) {
        switch error {
        case .digest: self.init(.badRequest, .digestInvalid, "\(error)")
        case .repository, .reference: self.init(.badRequest, .nameInvalid, "\(error)")
        case .tag: self.init(.badRequest, .manifestInvalid, "\(error)")
        case .document: self.init(.badRequest, .manifestInvalid, "\(error)")
        case .mediaType: self.init(.badRequest, .manifestInvalid, "\(error)")
        case .tooLarge: self.init(.contentTooLarge, .manifestInvalid, "\(error)")
        }
    }

    private init(_ error: HTTPBodyError) {
        switch error {
        case .tooLarge(let limit):
            self.init(.contentTooLarge, .manifestInvalid, "the body has more than \(limit) bytes")
        case .malformed(let reason): self.init(.badRequest, .sizeInvalid, "the body is malformed: \(reason)")
        case .disconnected: self.init(.badRequest, .sizeInvalid, "the body ended early")
        case .timedOut: self.init(.requestTimeout, .sizeInvalid, "the body came too slowly")
        }
    }

    private init(_ error: ApolloError) {
        let status = HTTPStatus(rawValue: error.kind.httpStatus)
        switch error.kind {
        case .unauthenticated: self.init(status, .unauthorized, error.message)
        case .denied: self.init(status, .denied, error.message)
        case .notFound: self.init(status, .nameUnknown, error.message)
        case .exhausted: self.init(status, .tooManyRequests, error.message)
        case .corrupt, .internal:
            self.init(.internalServerError, .unknown, "the registry failed; its log says why")
        default: self.init(status, .unknown, error.message)
        }
    }

    /// Whether it is a fault of the platform, which the log has to tell.
    var isFault: Bool { status == .internalServerError || status == 507 }
}
