import Concurrency
public import Core
import Glibc
public import HTTPModel
import ObjectClients

/// What came of many steps.
public struct TransferReport: Sendable {
    public struct Failure: Sendable {
        public var step: TransferStep
        public var error: ApolloError
    }

    /// In the order in which they were given.
    public internal(set) var done: [TransferStep] = []
    public internal(set) var failures: [Failure] = []
    /// How many were not begun, since a failure concerned all of them.
    public internal(set) var skipped = 0

    /// Adds what came of more steps.
    public mutating func append(_ other: TransferReport) {
        done += other.done
        failures += other.failures
        skipped += other.skipped
    }

    /// Nil where all was done.
    public var error: ApolloError? {
        guard let first = failures.first else { return nil }
        guard failures.count + done.count + skipped > 1 else { return first.error }
        let rest = skipped > 0 ? ", and \(skipped) were not tried" : ""
        return ApolloError(
            first.error.kind,
            "\(failures.count) of \(failures.count + done.count + skipped) failed\(rest); the first: "
                + first.error.message, hint: first.error.hint)
    }
}

/// How steps are done.
public struct TransferOptions: Sendable {
    /// What was copied is removed where it came from.
    public var movesSources = false
    /// Content fields and metadata of objects that are made of files.
    public var fields = HTTPFields()

    public init(movesSources: Bool = false, fields: HTTPFields = HTTPFields()) {
        self.movesSources = movesSources
        self.fields = fields
    }
}

extension Transfers {
    /// Does steps, several at a time. One that fails stops no others, unless its failure concerns all: a store that is away, a disk
    /// that is full.
    ///
    /// - Parameter progress: told how many bytes more there are.
    public func run(
        _ steps: [TransferStep], _ options: TransferOptions = TransferOptions(),
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> TransferReport {
        let ended = try await withThrowingTaskGroup(of: Ended.self) { group in
            var ended: [Ended] = []
            for index in steps.indices {
                if index >= permits.count, let result = try await group.next() { ended.append(result) }
                if let error = ended.last?.error, Self.concernsAll(error) { break }
                group.addTask { try await self.end(index, of: steps[index], options, progress) }
            }
            for try await result in group { ended.append(result) }
            return ended
        }
        var report = TransferReport()
        for result in ended.sorted(by: { $0.index < $1.index }) {
            let step = steps[result.index]
            if let error = result.error {
                report.failures.append(.init(step: step, error: error))
            } else {
                report.done.append(step)
            }
        }
        report.skipped = steps.count - ended.count
        return report
    }

    private struct Ended: Sendable {
        var index: Int
        var error: ApolloError?
    }

    private static func concernsAll(_ error: ApolloError) -> Bool {
        switch error.kind {
        case .unavailable, .unauthenticated, .exhausted, .deadline: true
        default: false
        }
    }

    /// Does a step. Throws where everything is cancelled.
    private func end(
        _ index: Int, of step: TransferStep, _ options: TransferOptions,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> Ended {
        do {
            try await run(step, options, progress)
            return Ended(index: index, error: nil)
        } catch let error as ApolloError where error.kind != .cancelled {
            return Ended(index: index, error: error)
        }
    }

    private func run(
        _ step: TransferStep, _ options: TransferOptions, _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        switch step.action {
        case .upload(let path, let object):
            try await upload(path, to: object, fields: options.fields, progress: progress)
            if options.movesSources { try remove(path) }
        case .download(let object, let path):
            try await pool.run("make folders") { try LocalFiles.makeFolders(of: path) }
            try await download(object, to: path, modified: step.modified, progress: progress)
            if options.movesSources { try await client.delete(object.bucket, object.key) }
        case .copy(let source, let target):
            guard !options.movesSources || source != target else { return }
            _ = try await permits.withPermit {
                try await client.copy(from: (source.bucket, source.key), to: target.bucket, target.key)
            }
            progress(step.size)
            if options.movesSources { try await client.delete(source.bucket, source.key) }
        case .removeObject(let object):
            try await permits.withPermit { try await client.delete(object.bucket, object.key) }
        case .removeFile(let path): try remove(path)
        }
    }

    private func remove(_ path: String) throws(ApolloError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw LocalFiles.failure("remove", path) }
    }
}
