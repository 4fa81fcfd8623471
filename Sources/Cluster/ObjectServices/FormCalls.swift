import AccessKeys
import Core
import Cryptography
import HTTPModel
import Identity
import ObjectModel
import ObjectPolicies
import ObjectStorage
import S3Messages
import S3Signatures
import Synchronization

/// A form with a file, as far as its file: who sends it is said by its fields.
private struct PostedForm {
    /// By names in lower case.
    var fields: [String: String] = [:]
    var fileName = ""
    /// What the form says that the file is.
    var fileType: String?
    var decoder: FormDecoder
    /// What of the file came with what was read.
    var first: [FormDecoder.Event] = []
}

// Objects that come as forms, which browsers send by themselves.
extension ObjectServer {
    func postObject(_ call: S3Call) async throws -> HTTPResponse {
        guard let boundary = FormDecoder.boundary(call.fields["Content-Type"]) else {
            throw S3Error(
                .preconditionFailed, "Bucket POST must be of the enclosure-type multipart/form-data")
        }
        let body = call.request.body
        var form = try await Self.begin(PostedForm(decoder: FormDecoder(boundary: boundary)), body)
        guard var key = form.fields["key"], !key.isEmpty else {
            throw S3Error(.invalidArgument, "Bucket POST must contain a field named 'key'.")
        }
        key = Self.replacing("${filename}", in: key, by: form.fileName)
        form.fields["bucket"] = call.address.bucket
        let policy = try policy(form.fields)
        let posted = try self.call(call, key: key, form)
        if let policy {
            var fields = form.fields
            fields["key"] = key
            try Self.refusing { () throws(PostPolicy.Refusal) in
                try policy.check(fields, at: environment.wallClock.now)
            }
        }
        let name = try posted.key()
        let (bucket, basis) = try await writable(posted, .write)
        let access = try await newAccess(posted, in: bucket, basis)
        try Self.refuseUnsupported(posted.fields)
        let tags = try form.fields["tagging"].map { text throws(S3Error) in
            try TagDocument.read(Array(text.utf8), limit: ObjectTag.maximumOfObject)
        }
        let headers = try Self.headers(posted.fields)
        let lock = try newLock(posted.fields, in: bucket)
        let given = try newEncryption(posted.fields, in: bucket)
        let (content, result) = try await receive(
            UploadDigests(posted.fields), hidden: given,
            upTo: min(policy?.length.upperBound ?? Self.largestPut, Self.largestPut),
            check: { size in
                try Self.refusing { () throws(PostPolicy.Refusal) in try policy?.check(length: size) }
            }, from: Self.file(form, body))
        var described = ObjectRecord(
            key: name, content: content.id, size: content.size, tag: result.md5,
            modified: environment.wallClock.now, headers: headers, checksum: result.checksum,
            owner: access.owner)
        described.attributes.access = access.list
        described.attributes.tags = tags
        described.attributes.lock = lock
        described.attributes.encryption = given.encryption
        let record = try await store.publish(content, as: described, in: bucket.name)
        return Self.answer(record, bucket, form.fields)
    }

    // MARK: Reading

    /// Reads a form up to its file.
    private static func begin(_ form: PostedForm, _ body: any HTTPBodyReader) async throws -> PostedForm {
        var form = form
        while let piece = try await body.next() {
            let events = try decode(&form.decoder, piece)
            for (index, event) in events.enumerated() {
                switch event {
                case .field(let name, let value): form.fields[name.lowercased()] = value
                case .file(let name, let type):
                    form.fileName = name
                    form.fileType = type
                    form.first = Array(events[(index + 1)...])
                    return form
                case .data, .end: break
                }
            }
        }
        throw S3Error(.invalidArgument, "POST requires exactly one file upload per request.")
    }

    private static func decode(_ decoder: inout FormDecoder, _ piece: [UInt8]) throws(S3Error) -> [FormDecoder
        .Event]
    {
        do throws(FormError) { return try decoder.feed(piece) } catch {
            throw S3Error(
                .malformedPOSTRequest, "The body of your POST request is not well-formed: \(error.reason)")
        }
    }

    /// Gives the bytes of the file, piece by piece as it is called, and then nil. One call at a time.
    private static func file(
        _ form: PostedForm, _ body: any HTTPBodyReader
    ) -> @Sendable () async throws -> [UInt8]? {
        let state = Mutex((decoder: form.decoder, waiting: pieces(form.first)))
        return {
            while true {
                if let piece = state.withLock({ $0.waiting.popLast() }) { return piece }
                guard let raw = try await body.next() else {
                    guard state.withLock({ $0.decoder.isDone }) else {
                        throw S3Error(
                            .incompleteBody, "The body of the form does not end as it should.")
                    }
                    return nil
                }
                try state.withLock { state throws(S3Error) in
                    state.waiting = pieces(try decode(&state.decoder, raw))
                }
            }
        }
    }

    /// The bytes among events, the last first.
    private static func pieces(_ events: [FormDecoder.Event]) -> [[UInt8]] {
        events.reversed().compactMap { if case .data(let piece) = $0 { piece } else { nil } }
    }

    // MARK: Who

    /// The policy of a form; nil where it has none, and is everybody's.
    private func policy(_ fields: [String: String]) throws -> PostPolicy? {
        guard let text = fields["policy"] else { return nil }
        guard let bytes = Base64.decode(text) else {
            throw S3Error(.invalidPolicyDocument, "The policy is not in base 64.")
        }
        do throws(PolicyError) { return try PostPolicy(bytes) } catch {
            throw S3Error(.invalidPolicyDocument, "Invalid policy: \(error.reason)")
        }
    }

    /// The call that a form stands for: what its fields say as fields of a request, of whom its signature proves.
    private func call(_ call: S3Call, key: String, _ form: PostedForm) throws -> S3Call {
        var fields = HTTPFields()
        for (name, value) in form.fields.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "acl": fields.append(name: "x-amz-acl", value: value)
            case _
            where name.hasPrefix("x-amz-") || ObjectHeaders.contentFields.contains(name)
                || name == "content-md5":
                guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                    throw S3Error(.invalidArgument, "The field \(name.prefix(80)) has control characters")
                }
                fields.append(name: name, value: value)
            default: break
            }
        }
        if !fields.contains("Content-Type"), let type = form.fileType,
            type.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        {
            fields["Content-Type"] = type
        }
        let caller = try authentication.caller(form: form.fields) ?? call.caller
        var request = call.request
        request.fields = fields
        var address = call.address
        address.key = key
        return S3Call(
            request: request, operation: .postObject, address: address, query: call.query, payload: .unsigned,
            caller: caller, id: call.id)
    }

    private static func refusing(_ body: () throws(PostPolicy.Refusal) -> Void) throws(S3Error) {
        do throws(PostPolicy.Refusal) { try body() } catch {
            switch error {
            case .expired: throw S3Error(.accessDenied, "Invalid according to Policy: Policy expired.")
            case .failed(let condition):
                throw S3Error(
                    .accessDenied,
                    "Invalid according to Policy: Policy Condition failed: \(condition.prefix(200))")
            case .extra(let name):
                throw S3Error(
                    .accessDenied, "Invalid according to Policy: Extra input fields: \(name.prefix(80))")
            case .tooLarge: throw tooLarge
            case .tooSmall:
                throw S3Error(
                    .entityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
            }
        }
    }

    // MARK: Answering

    private static func answer(
        _ record: ObjectRecord, _ bucket: BucketRecord, _ fields: [String: String]
    ) -> HTTPResponse {
        let location = "/\(bucket.name)/" + PercentEncoding.encode(record.key.text, keepsSlash: true)
        var head = HTTPFields(["ETag": "\"\(record.tag)\"", "Location": location])
        tellNew(record.version, &head)
        if let target = fields["success_action_redirect"] ?? fields["redirect"], isAddress(target) {
            let parameters = [
                ("bucket", bucket.name.text), ("key", record.key.text), ("etag", "\"\(record.tag)\""),
            ].map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
            head["Location"] = target + (target.contains("?") ? "&" : "?") + parameters
            return HTTPResponse(303, fields: head)
        }
        switch fields["success_action_status"] {
        case "200": return HTTPResponse(.ok, fields: head)
        case "201":
            head["Content-Type"] = "application/xml"
            return HTTPResponse(
                .created, fields: head,
                body: .bytes(BucketDocuments.posted(record, bucket: bucket.name.text, location: location)))
        default: return HTTPResponse(.noContent, fields: head)
        }
    }

    /// Whether a text can be the address that a browser is sent to.
    private static func isAddress(_ text: String) -> Bool {
        (text.hasPrefix("http://") || text.hasPrefix("https://"))
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func replacing(_ mark: String, in text: String, by other: String) -> String {
        let (bytes, mark) = (Array(text.utf8), Array(mark.utf8))
        guard bytes.count >= mark.count else { return text }
        for at in 0...(bytes.count - mark.count) where bytes[at..<at + mark.count].elementsEqual(mark) {
            return String(decoding: bytes[..<at], as: UTF8.self) + other
                + String(decoding: bytes[(at + mark.count)...], as: UTF8.self)
        }
        return text
    }
}
