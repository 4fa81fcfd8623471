public import Core
import Files
import Glibc
public import ObjectModel
import Synchronization

/// The files of a store, each under a name of the store's own: nothing that a client gives is ever part of a path.
public final class BlobDirectory: Sendable {
    public let path: String
    /// What is being written by this process: not yet known to the database, and no orphan.
    private let writing = Mutex<Set<ContentID>>([])
    private let reading = Mutex(Reading())
    private let buffers = DirectBuffers()

    /// Files that are being read: they are removed when nobody does any more.
    private struct Reading {
        var counts: [ContentID: Int] = [:]
        var condemned: Set<ContentID> = []
        /// How many want every file to stay.
        var holds = 0
    }

    /// Makes the directory where it is missing, for its owner alone.
    public init(preparing path: String) throws {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw BlobFile.failure("make", path)
        }
        guard access(path, W_OK) == 0 else { throw BlobFile.failure("write to", path) }
    }

    /// Where a file is, below ``path``.
    public static func place(of content: ContentID) -> String { "\(content.text.suffix(2))/\(content.text)" }

    /// By the last two characters, which are random: so directories fill alike.
    func folder(_ content: ContentID) -> String { "\(path)/\(content.text.suffix(2))" }

    func file(_ content: ContentID) -> String { "\(folder(content))/\(content.text)" }

    /// Begins the file of `content`, which ends with ``end(_:)``.
    func begin(_ content: ContentID) throws -> BlobWriter {
        let folder = folder(content)
        if mkdir(folder, 0o700) == 0 {
            try Self.sync(path)
        } else if errno != EEXIST {
            throw BlobFile.failure("make", folder)
        }
        writing.withLock { _ = $0.insert(content) }
        do throws {
            return try BlobWriter(file(content), folder: folder, buffers: buffers)
        } catch {
            end(content)
            throw error
        }
    }

    /// From now on the file belongs to the database, or to nobody.
    func end(_ content: ContentID) { writing.withLock { _ = $0.remove(content) } }

    func isWriting(_ content: ContentID) -> Bool { writing.withLock { $0.contains(content) } }

    /// Opens what is stored; nil where it is not there.
    func open(_ content: ContentID) throws -> BlobReader? { try BlobReader(file(content)) }

    /// Keeps files until ``release(_:)``, whoever removes them.
    func retain(_ contents: [ContentID]) {
        reading.withLock { reading in for content in contents { reading.counts[content, default: 0] += 1 } }
    }

    func release(_ contents: [ContentID]) {
        let ended = reading.withLock { reading in
            contents.filter { content in
                let count = (reading.counts[content] ?? 1) - 1
                reading.counts[content] = count > 0 ? count : nil
                return count <= 0 && reading.holds == 0 && reading.condemned.remove(content) != nil
            }
        }
        // What cannot be removed now is an orphan of the next start.
        for content in ended { unlink(file(content)) }
    }

    /// Keeps every file that is there or comes, until ``endHold()``: what is removed meanwhile is removed then.
    func beginHold() { reading.withLock { $0.holds += 1 } }

    func endHold() {
        let ended = reading.withLock { reading in
            reading.holds -= 1
            guard reading.holds == 0 else { return [ContentID]() }
            let ended = reading.condemned.filter { reading.counts[$0] == nil }
            reading.condemned.subtract(ended)
            return Array(ended)
        }
        // What cannot be removed now is an orphan of the next start.
        for content in ended { unlink(file(content)) }
    }

    /// Removes a file, or has it removed when nobody reads it any more. One that is gone already is no failure.
    func remove(_ content: ContentID) throws {
        let isRead = reading.withLock { reading in
            guard reading.holds > 0 || reading.counts[content] != nil else { return false }
            reading.condemned.insert(content)
            return true
        }
        guard !isRead else { return }
        guard unlink(file(content)) == 0 || errno == ENOENT else {
            throw BlobFile.failure("remove", file(content))
        }
    }

    /// The directories that files are in.
    func folders() throws -> [String] {
        try Self.names(in: path).filter { $0.utf8.count == 2 }
    }

    /// What is in one of them.
    func contents(in folder: String) throws -> [ContentID] {
        try Self.names(in: "\(path)/\(folder)").compactMap { ContentID(parsing: $0) }
    }

    private static func names(in path: String) throws -> [String] {
        do throws(DirectoryNames.Failure) { return try DirectoryNames.list(path) } catch {
            throw BlobFile.failure("read", path, code: error.code)
        }
    }

    static func sync(_ path: String) throws {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw BlobFile.failure("open", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw BlobFile.failure("write", path) }
    }
}
