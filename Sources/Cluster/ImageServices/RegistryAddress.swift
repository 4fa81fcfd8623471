import Core
import HTTPModel
import ImageModel
import ImageStorage

/// What a request to the registry is about, by its path and method.
enum RegistryOperation: Hashable, Sendable {
    case ping
    case token
    case catalog
    case listTags(RepositoryName)
    case getManifest(RepositoryName, ManifestName)
    case putManifest(RepositoryName, ManifestName)
    case deleteManifest(RepositoryName, ManifestName)
    case getBlob(RepositoryName, ImageDigest)
    case deleteBlob(RepositoryName, ImageDigest)
    case beginUpload(RepositoryName)
    case uploadStatus(RepositoryName, ImageUploadID)
    case appendToUpload(RepositoryName, ImageUploadID)
    case completeUpload(RepositoryName, ImageUploadID)
    case abortUpload(RepositoryName, ImageUploadID)
    case listReferrers(RepositoryName, ImageDigest)

    /// Reads a request; its path begins with `/v2`.
    init(_ request: HTTPRequest) throws {
        let path = try Self.segments(request.path)
        let method = request.method == .head ? .get : request.method
        func only(_ operation: RegistryOperation, _ allowed: HTTPMethod...) throws -> RegistryOperation {
            guard allowed.contains(method) else { throw Self.notAllowed(allowed) }
            return operation
        }
        switch path {
        case [], [""]: self = try only(.ping, .get)
        case ["token"]: self = try only(.token, .get, .post)
        case ["_catalog"]: self = try only(.catalog, .get)
        default: self = try Self.inRepository(path, method)
        }
    }

    /// The segments behind `/v2`.
    private static func segments(_ path: Substring) throws -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        return try parts.map { part in
            guard let text = PercentEncoding.text(part.utf8) else {
                throw RegistryError(.badRequest, .nameInvalid, "the path has a malformed escape")
            }
            return text
        }
    }

    private static func inRepository(
        _ path: [String], _ method: HTTPMethod
    ) throws -> RegistryOperation {
        // From its end: repositories may be called like what is in them.
        let ending = path.suffix(3)
        if ending.count == 3, Array(ending.prefix(2)) == ["blobs", "uploads"], let last = ending.last {
            let name = try name(path.dropLast(3))
            return last.isEmpty ? try begin(name, method) : try upload(name, last, method)
        }
        if path.suffix(2) == ["blobs", "uploads"] { return try begin(try name(path.dropLast(2)), method) }
        guard path.count >= 3, let last = path.last else { throw noSuchPlace }
        let kind = path[path.count - 2]
        switch (kind, method) {
        case ("manifests", .get):
            return .getManifest(try name(path.dropLast(2)), try ManifestName(parsing: last))
        case ("manifests", .put):
            return .putManifest(try name(path.dropLast(2)), try ManifestName(parsing: last))
        case ("manifests", .delete):
            return .deleteManifest(try name(path.dropLast(2)), try ManifestName(parsing: last))
        case ("manifests", _): throw notAllowed([.get, .head, .put, .delete])
        case ("blobs", .get): return .getBlob(try name(path.dropLast(2)), try ImageDigest(parsing: last))
        case ("blobs", .delete):
            return .deleteBlob(try name(path.dropLast(2)), try ImageDigest(parsing: last))
        case ("blobs", _): throw notAllowed([.get, .head, .delete])
        case ("referrers", .get):
            return .listReferrers(try name(path.dropLast(2)), try ImageDigest(parsing: last))
        case ("tags", .get) where last == "list": return .listTags(try name(path.dropLast(2)))
        case ("referrers", _): throw notAllowed([.get, .head])
        case ("tags", _) where last == "list": throw notAllowed([.get, .head])
        default: throw noSuchPlace
        }
    }

    private static func begin(_ name: RepositoryName, _ method: HTTPMethod) throws -> RegistryOperation {
        guard method == .post else { throw notAllowed([.post]) }
        return .beginUpload(name)
    }

    private static func upload(
        _ name: RepositoryName, _ text: String, _ method: HTTPMethod
    ) throws -> RegistryOperation {
        guard let id = ImageUploadID(parsing: text) else { throw ImageStoreError.noUpload }
        switch method {
        case .get: return .uploadStatus(name, id)
        case .patch: return .appendToUpload(name, id)
        case .put: return .completeUpload(name, id)
        case .delete: return .abortUpload(name, id)
        default: throw notAllowed([.get, .patch, .put, .delete])
        }
    }

    /// Everything of the project `default` has a short name: `default/app` is `app`.
    static func name(_ segments: some Sequence<String>) throws(ImageError) -> RepositoryName {
        try canonical(RepositoryName(parsing: segments.joined(separator: "/")))
    }

    static func canonical(_ name: RepositoryName) throws(ImageError) -> RepositoryName {
        let parts = name.parts
        guard parts.count == 2, parts[0] == "default" else { return name }
        return try RepositoryName(parsing: parts[1])
    }

    private static let noSuchPlace = RegistryError(
        .notFound, .unsupported, "the registry has nothing at this path")

    private static func notAllowed(_ methods: [HTTPMethod]) -> RegistryError {
        var error = RegistryError(.methodNotAllowed, .unsupported, "the method is not for this path")
        error.fields["Allow"] = methods.map(\.rawValue).joined(separator: ", ")
        return error
    }

    /// Its id in metrics and the audit.
    var name: String {
        switch self {
        case .ping: "pingRegistry"
        case .token: "createRegistryToken"
        case .catalog: "listRepositories"
        case .listTags: "listTags"
        case .getManifest: "getManifest"
        case .putManifest: "putManifest"
        case .deleteManifest(_, .digest): "deleteManifest"
        case .deleteManifest(_, .tag): "deleteTag"
        case .getBlob: "getBlob"
        case .deleteBlob: "deleteBlob"
        case .beginUpload: "beginBlobUpload"
        case .uploadStatus: "getBlobUpload"
        case .appendToUpload: "appendToBlobUpload"
        case .completeUpload: "completeBlobUpload"
        case .abortUpload: "abortBlobUpload"
        case .listReferrers: "listReferrers"
        }
    }

    /// Whether the audit has it when it was carried out.
    var isRecorded: Bool {
        switch self {
        case .putManifest, .deleteManifest, .deleteBlob, .completeUpload: true
        default: false
        }
    }

    /// The repository it is about, and what has to be allowed there; nil for what is about none.
    var need: (repository: RepositoryName, action: RegistryAction)? {
        switch self {
        case .ping, .token, .catalog: nil
        case .listTags(let name), .getManifest(let name, _), .getBlob(let name, _),
            .listReferrers(let name, _):
            (name, .pull)
        case .putManifest(let name, _), .beginUpload(let name), .uploadStatus(let name, _),
            .appendToUpload(let name, _), .completeUpload(let name, _), .abortUpload(let name, _):
            (name, .push)
        case .deleteManifest(let name, _), .deleteBlob(let name, _): (name, .delete)
        }
    }
}

/// What scopes of tokens name.
enum RegistryAction: String, Hashable, Sendable, CaseIterable {
    case pull, push, delete
}
