import Archives
import Concurrency
import Core
import Cryptography
import Glibc
import HTTPModel
import ImageClients
import ImageModel
import TaskRuntimes

/// Fetching layers and unpacking them.
extension ImageStore {
    /// How often a layer is asked for again where it broke off.
    private static var tries: Int { 4 }

    /// Has a layer here, unpacked: fetched, unless it is there already.
    func provide(
        _ layer: ImageDigest, by descriptor: ImageDescriptor, of reference: ImageReference,
        within budget: UnpackBudget, _ progress: PullProgressReport
    ) async throws {
        let files = files
        try await turns.run("layer \(layer)") {
            let path = files.layer(layer)
            let known = try await self.pool.run("finding a layer") {
                try access(path, F_OK) == 0 ? files.size(of: layer) : nil
            }
            if let known {
                try budget.take(known)
                return progress.add(descriptor.size)
            }
            let download = files.download(descriptor.digest)
            try await self.turns.run("download \(descriptor.digest)") {
                try await self.fetch(descriptor, of: reference, to: download, within: budget, progress)
                try await self.pool.run("unpacking a layer") {
                    do {
                        try Self.unpack(download, as: layer, to: path, files, budget)
                    } catch {
                        unlink(download)
                        throw error
                    }
                    unlink(download)
                }
            }
        }
    }

    /// Downloads a layer, from where an earlier download broke off.
    private func fetch(
        _ descriptor: ImageDescriptor, of reference: ImageReference, to path: String,
        within budget: UnpackBudget, _ progress: PullProgressReport
    ) async throws {
        var failure = RuntimeError.unavailable("layer \(descriptor.digest) breaks off", hint: "try again")
        for _ in 0..<Self.tries {
            let download = try await pool.run("finding a download") { try Download(path, descriptor) }
            do {
                if download.size < descriptor.size {
                    let stream = try await source.blobStream(descriptor, of: reference, from: download.size)
                    try await receive(stream, download, budget, progress)
                }
            } catch let error as RegistryClientError {
                guard error.isTransient else { throw error.runtimeError }
                failure = error.runtimeError
                continue
            }
            if download.size < descriptor.size { continue }
            let found = download.digest
            guard found == descriptor.digest else {
                unlink(path)
                throw RegistryClientError.wrongDigest(expected: descriptor.digest.text, found: found.text)
                    .runtimeError
            }
            return
        }
        throw failure
    }

    private func receive(
        _ stream: BlobStream, _ download: Download, _ budget: UnpackBudget, _ progress: PullProgressReport
    ) async throws {
        do {
            if stream.offset != download.size { try await pool.run("a download") { try download.restart() } }
            progress.add(download.size)
            var batch: [UInt8] = []
            while true {
                let piece = try await stream.body.next()
                if let piece { batch += piece }
                guard piece == nil || batch.count >= 1 << 20 else { continue }
                if !batch.isEmpty {
                    let bytes = batch
                    batch = []
                    progress.add(Int64(bytes.count))
                    try await pool.run("writing a download") {
                        try budget.write(Int64(bytes.count))
                        try download.write(bytes)
                    }
                }
                if piece == nil { return }
            }
        } catch let error as RegistryClientError {
            throw error
        } catch let error as LayerError {
            throw error
        } catch is CancellationError {
            throw RegistryClientError.cancelled
        } catch {
            throw Task.isCancelled ? RegistryClientError.cancelled : .unavailable("\(error)")
        }
    }

    /// Unpacks a layer beside the others, and has it among them in one step once it is whole and on the disk.
    private static func unpack(
        _ download: String, as layer: ImageDigest, to path: String, _ files: StoreFiles,
        _ budget: UnpackBudget
    ) throws {
        guard let packed = OpenFile(Glibc.open(download, O_RDONLY | O_CLOEXEC)) else {
            throw LayerError.system("cannot read \(download)")
        }
        var template = Array("\(files.layers)/staging-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LayerError.system("cannot make a directory for a layer")
        }
        let staging = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            // The root of a container, where no layer says how it is.
            guard chmod(staging, 0o755) == 0 else { throw LayerError.system("cannot make \(staging)") }
            let (found, size) = try fill(staging, from: packed.number, layer.algorithm, budget)
            guard found == layer else {
                throw LayerError.wrongDigest(expected: layer.text, found: found.text)
            }
            try StoreFiles.write(size.bytesOfRecord, to: files.size(layer))
            guard rename(staging, path) == 0 else { throw LayerError.system("cannot keep a layer") }
            try StoreFiles.sync(files.layers)
        } catch {
            // What is left is taken away with what nobody uses.
            try? DirectoryTree.remove(staging)
            throw error
        }
    }

    /// Unpacks into a directory, and returns the digest of the unpacked archive and what became of it.
    static func fill(
        _ directory: String, from packed: Int32, _ algorithm: ImageDigest.Algorithm, _ budget: UnpackBudget
    ) throws(LayerError) -> (digest: ImageDigest, size: UnpackedSize) {
        let hash = MessageDigest(algorithm.hash)
        let reader = try open(packed, hash)
        var unpacker = try LayerUnpacker(into: directory, within: budget)
        try unpacker.unpack(reader)
        return (ImageDigest(algorithm, hash: hash.finalize()), unpacker.size)
    }

    private static func open(_ packed: Int32, _ hash: MessageDigest) throws(LayerError) -> LayerReader {
        do throws(ArchiveError) {
            return try LayerReader.open(from: packed) { hash.update($0) }
        } catch {
            throw .refused("\(error)")
        }
    }
}
