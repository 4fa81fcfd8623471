import Concurrency
import Core
import HTTPModel
import ObjectClients

/// Sends a large file in parts, several at a time, each held against the tag that the store has for it. What breaks off is gone on
/// with by who sends the same file to the same place: parts that are there as they are in the file are kept.
struct PartUpload: Sendable {
    private let transfers: Transfers
    private let source: FileSource
    private let object: ObjectPlace.Object
    private let fields: HTTPFields
    private let plan: PartPlan
    private let progress: @Sendable (Int64) -> Void

    private var client: ObjectClient { transfers.client }

    init(
        _ transfers: Transfers, _ source: FileSource, _ object: ObjectPlace.Object,
        _ fields: HTTPFields, progress: @escaping @Sendable (Int64) -> Void
    ) {
        self.transfers = transfers
        self.source = source
        self.object = object
        self.fields = fields
        plan = PartPlan(size: source.status.size)
        self.progress = progress
    }

    private var subject: TransferRecord.Subject {
        TransferRecord.Subject(
            size: plan.size, partSize: plan.partSize,
            // Of an upload that was begun for parts with checksums, all parts have them.
            version: "\(source.status.modified.microseconds)" + (client.sendsChecksums ? "+checksums" : ""))
    }

    /// Returns the object's tag.
    func run() async throws -> String {
        let journal = try transfers.journals?.open([
            "upload", client.endpoint.address, object.text, LocalPath.absolute(source.path),
        ])
        var (upload, parts) = try await begun(journal) ?? ("", [])
        if upload.isEmpty {
            do {
                upload = try await client.beginUpload(object.bucket, object.key, fields: fields)
            } catch {
                // There is nothing to go on with.
                journal?.end()
                throw error
            }
            try journal?.begin(TransferRecord(subject, upload: upload))
        }
        do {
            parts = try await send(upload, having: parts)
            guard try source.isUnchanged else {
                throw ApolloError(
                    .conflict, "\(source.path.printable) was changed while it was sent", hint: "try again")
            }
            let expected = ObjectClient.tag(of: parts)
            let tag = try await client.completeUpload(object.bucket, object.key, upload: upload, parts)
            guard expected == nil || tag == expected else {
                throw ApolloError(
                    .corrupt, "\(object.text.printable) is not stored as it was sent", hint: "try again")
            }
            journal?.end()
            return tag
        } catch {
            if journal != nil, Self.canGoOn(after: error) { throw Self.explained(error) }
            // What was sent would take room for nothing; where this fails too the store gives it up by itself.
            try? await client.abortUpload(object.bucket, object.key, upload: upload)
            journal?.end()
            throw error
        }
    }

    /// Whether the same command may succeed with what was sent so far.
    private static func canGoOn(after error: any Error) -> Bool {
        switch (error as? ApolloError)?.kind {
        case .invalid, .denied, .notFound, .conflict, .corrupt: false
        default: true
        }
    }

    private static func explained(_ error: any Error) -> any Error {
        guard var error = error as? ApolloError else { return error }
        error.hint = "the same command goes on with what was sent"
        return error
    }

    /// The upload that was begun, and its parts that are as they are in the file.
    private func begun(_ journal: TransferJournal?) async throws -> (String, [UploadedPart])? {
        guard let record = try journal?.read(), !record.upload.isEmpty else { return nil }
        let stored: [UploadedPart]
        do {
            stored = try await client.parts(object.bucket, object.key, upload: record.upload)
        } catch let error as ApolloError where error.kind == .notFound {
            return nil
        }
        guard record.subject == subject else {
            // Another file by now: the store need not keep the old parts.
            try await client.abortUpload(object.bucket, object.key, upload: record.upload)
            return nil
        }
        var parts: [UploadedPart] = []
        for part in stored where (1...plan.count).contains(part.number) {
            let range = plan.range(part.number)
            guard part.size == range.upperBound - range.lowerBound,
                try await source.digest(range) == part.tag
            else { continue }
            parts.append(part)
            progress(range.upperBound - range.lowerBound)
        }
        return (record.upload, parts)
    }

    private func send(_ upload: String, having parts: [UploadedPart]) async throws -> [UploadedPart] {
        let there = Set(parts.map(\.number))
        return try await withThrowingTaskGroup(of: UploadedPart.self) { group in
            var parts = parts
            var running = 0
            for number in 1...plan.count where !there.contains(number) {
                if running >= transfers.permits.count, let part = try await group.next() {
                    parts.append(part)
                    running -= 1
                }
                group.addTask { try await send(number, of: upload) }
                running += 1
            }
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.number < $1.number }
        }
    }

    private func send(_ number: Int, of upload: String) async throws -> UploadedPart {
        let range = plan.range(number)
        let watch = TransferWatch(progress, hashing: !client.sendsChecksums)
        let part = try await transfers.permits.withPermit {
            try await client.uploadPart(
                object.bucket, object.key, upload: upload, number: number,
                .reader(length: range.upperBound - range.lowerBound) { source.reader(range, watch) })
        }
        guard try await transfers.isSame(part.tag, part.isVerified, watch, source, range) else {
            throw ApolloError(
                .corrupt, "part \(number) of \(object.text.printable) is not stored as it was sent",
                hint: "was \(source.path.printable) changed meanwhile? try again")
        }
        return part
    }
}
