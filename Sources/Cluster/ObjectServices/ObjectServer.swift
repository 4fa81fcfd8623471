public import APIServers
public import AccessKeys
public import Core
import Databases
public import HTTPModel
public import Identity
import ObjectModel
public import ObjectStorage
import S3Messages
import S3Signatures
import Telemetry

/// The store as S3 clients know it: reads a request, finds out who asks, carries it out, and writes the answer.
public struct ObjectServer: Sendable {
    public static let region = "us-east-1"

    let store: ObjectStore
    let access: AccessControl
    let environment: Environment
    let policies = PolicyCache()
    /// Whether it is reached by TLS.
    let isSecure: Bool
    /// Whether there is a principal whom S3 names so.
    let isKnown: @Sendable (String) -> Bool
    let authentication: S3Authentication
    private let sinks: ServerSinks
    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>

    /// - Parameters:
    ///   - isSecure: whether it is reached by TLS.
    ///   - isKnown: whether there is a principal whom S3 names so.
    public init(
        _ store: ObjectStore, keys: AccessKeyStore, access: AccessControl, environment: Environment,
        sinks: ServerSinks, isSecure: Bool, isKnown: @escaping @Sendable (String) -> Bool
    ) {
        self.isSecure = isSecure
        self.isKnown = isKnown
        self.store = store
        self.access = access
        self.environment = environment
        self.sinks = sinks
        authentication = S3Authentication(keys: keys, access: access, clock: environment.wallClock)
        requests = sinks.metrics.counters(
            "apollo_objects_requests_total", "Requests to the object store.", labels: ["operation", "status"])
        durations = sinks.metrics.histograms(
            "apollo_objects_request_seconds",
            "Time from a request's fields to its response's, of requests to the object store.",
            labels: ["operation"])
    }

    /// The phantom kind of a request's identifier.
    private enum RequestKind {}

    /// Answers one request.
    public func handle(_ request: HTTPRequest) async -> HTTPResponse {
        let id = environment.identifier(of: RequestKind.self).text
        let (start, time) = (environment.clock.now, environment.wallClock.now)
        var operation = S3Operation.notAllowed
        var (asked, call): (S3Address?, S3Call?)
        var response: HTTPResponse
        var failure: S3Error?
        do {
            let address = try S3Address(request)
            asked = address
            if request.method == .options {
                operation = .preflight
                response = try preflight(request, address)
            } else {
                let read = try self.read(request, address, id: id, &operation)
                call = read
                response = try await perform(read)
            }
        } catch {
            let told = S3Error(telling: error)
            failure = told
            if told.code == .internalError {
                sinks.logger.error(
                    "a request to the object store failed",
                    [
                        "error": .text("\(error)"), "operation": .text(operation.rawValue),
                        "request": .text(id),
                    ])
            }
            response = Self.response(told, resource: String(request.path), id: id)
        }
        response.fields["x-amz-request-id"] = id
        tellBrowser(request, asked, &response.fields)
        await record(call, operation, request, failure, id: id, at: time)
        requests.with(operation.rawValue, "\(response.status.rawValue)").add()
        durations.with(operation.rawValue).observe(start.duration(to: environment.clock.now))
        return response
    }

    /// What the server answers by itself, where no handler is asked.
    public static func problem(_ status: HTTPStatus, _ reason: String?) -> HTTPResponse {
        let code: S3Error.Code =
            switch status.rawValue {
            case 405: .methodNotAllowed
            case 408: .requestTimeout
            case 413: .entityTooLarge
            case 400..<500: .invalidRequest
            case 503: .serviceUnavailable
            default: .internalError
            }
        let error = S3Error(code, reason ?? status.reason)
        return .xml(error.document(resource: "", requestID: ""), status)
    }

    private static func response(_ error: S3Error, resource: String, id: String) -> HTTPResponse {
        var response = HTTPResponse.xml(
            error.document(resource: resource, requestID: id), HTTPStatus(rawValue: error.code.status))
        for field in error.fields { response.fields[field.name] = field.value }
        return response
    }

    private func read(
        _ request: HTTPRequest, _ address: S3Address, id: String, _ operation: inout S3Operation
    ) throws -> S3Call {
        guard let query = RequestQuery(request.query) else {
            throw S3Error(.invalidURI, "Couldn't parse the specified URI.")
        }
        operation = S3Operation(
            request.method, hasBucket: address.bucket != nil, hasKey: address.key != nil, query,
            isCopy: request.fields.contains("x-amz-copy-source"))
        let payload = try PayloadKind(request.fields)
        let caller = try authentication.caller(request, address, query, payload)
        return S3Call(
            request: request, operation: operation, address: address, query: query, payload: payload,
            caller: caller, id: id)
    }

    private func perform(_ call: S3Call) async throws -> HTTPResponse {
        switch call.operation {
        case .listBuckets: try listBuckets(call)
        case .createBucket: try await createBucket(call)
        case .deleteBucket: try await deleteBucket(call)
        case .headBucket: try await headBucket(call)
        case .getBucketLocation, .getBucketVersioning: try await describeBucket(call)
        case .getBucketLifecycle, .putBucketLifecycle, .deleteBucketLifecycle: try await bucketLifecycle(call)
        case .getBucketObjectLockConfiguration, .putBucketObjectLockConfiguration: try await bucketLock(call)
        case .getBucketEncryption, .putBucketEncryption, .deleteBucketEncryption:
            try await bucketEncryption(call)
        case .getObjectRetention, .putObjectRetention: try await objectRetention(call)
        case .getObjectLegalHold, .putObjectLegalHold: try await objectHold(call)
        case .postObject: try await postObject(call)
        case .getBucketACL, .putBucketACL: try await bucketACL(call)
        case .getObjectACL, .putObjectACL: try await objectACL(call)
        case .getBucketPolicy, .putBucketPolicy, .deleteBucketPolicy, .getPolicyStatus:
            try await bucketPolicy(call)
        case .getPublicAccess, .putPublicAccess, .deletePublicAccess: try await publicAccess(call)
        case .getOwnership, .putOwnership, .deleteOwnership: try await ownership(call)
        case .putBucketVersioning: try await putBucketVersioning(call)
        case .getBucketTagging, .putBucketTagging, .deleteBucketTagging: try await bucketTagging(call)
        case .getBucketCORS, .putBucketCORS, .deleteBucketCORS: try await bucketCORS(call)
        case .listVersions: try await listVersions(call)
        case .listObjects, .listObjectsV2: try await listObjects(call)
        case .deleteObjects: try await deleteObjects(call)
        case .getObject: try await getObject(call)
        case .headObject: try await headObject(call)
        case .putObject: try await putObject(call)
        case .copyObject: try await copyObject(call)
        case .deleteObject: try await deleteObject(call)
        case .getObjectAttributes: try await getObjectAttributes(call)
        case .getObjectTagging, .putObjectTagging, .deleteObjectTagging: try await objectTagging(call)
        case .createUpload: try await createUpload(call)
        case .uploadPart: try await uploadPart(call)
        case .copyPart: try await copyPart(call)
        case .completeUpload: try await completeUpload(call)
        case .abortUpload: try await abortUpload(call)
        case .listParts: try await listParts(call)
        case .listUploads: try await listUploads(call)
        case .preflight, .unsupported:
            throw S3Error(
                .notImplemented,
                "A header or query you provided implies functionality that is not implemented.")
        case .notAllowed:
            throw S3Error(.methodNotAllowed, "The specified method is not allowed against this resource.")
        }
    }

    // MARK: Audit

    private func record(
        _ call: S3Call?, _ operation: S3Operation, _ request: HTTPRequest, _ failure: S3Error?, id: String,
        at time: Timestamp
    ) async {
        var record = AuditRecord(
            time: time, principal: call?.caller.credential?.principal.description ?? "anonymous",
            action: operation.rawValue, resource: resource(call, request), outcome: .succeeded,
            requestID: id, peer: request.peer)
        if let failure {
            record.outcome = failure.code.status == 403 ? .denied : .failed
            record.reason = "\(failure.code.rawValue): \(failure.message)"
        }
        if call?.caller.credential == nil, failure != nil || !operation.isChange {
            // Whoever guesses must not fill the disk. What browsers ask is no attempt at anything.
            guard operation != .preflight, failure?.code.status == 403, let leftOut = sinks.refusals.take()
            else { return }
            if leftOut > 0 {
                record.reason = "\(record.reason ?? ""); \(leftOut) like it before were not recorded"
            }
        } else if !operation.isChange {
            return
        }
        await sinks.audit.record(record, orTell: sinks.logger)
    }

    private func resource(_ call: S3Call?, _ request: HTTPRequest) -> String {
        guard let call, let name = call.address.bucket else { return String(request.path.prefix(1024)) }
        // It may have been made just now, or never.
        let known = BucketName(parsing: name).flatMap { try? store.bucket($0) }
        let base = "blob://local/default/\(known?.project ?? call.caller.project)/"
        let key = call.address.key.map { "/" + PercentEncoding.encode($0, keepsSlash: true) } ?? ""
        return String((base + PercentEncoding.encode(name) + key).prefix(4096))
    }
}
