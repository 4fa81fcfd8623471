import Concurrency
import Databases
import Glibc
import Synchronization

extension SQLiteDatabase {
    /// Reads the whole database and checks its structure, beside whatever else goes on. It takes about as long as
    /// reading the file.
    ///
    /// - Throws: ``DatabaseError`` of kind `corrupt` with what was found; `CancellationError`.
    public func check() async throws {
        try await withConnection { [path] connection in
            let statement = try Statement("PRAGMA quick_check(10)", on: connection)
            let columns = statement.columns()
            var findings: [String] = []
            while try statement.step(on: connection) {
                findings.append(try statement.row(columns).get(0))
            }
            guard findings != ["ok"] else { return }
            throw DatabaseError(
                .corrupt, "the database '\(path)' is damaged: \(findings.joined(separator: "; "))",
                hint: "keep a copy of it for inspection and restore a backup")
        }
    }

    /// Copies what is committed now into a new database file at `destination`, while reads and writes go on. The file
    /// is there as a whole or not at all.
    ///
    /// - Throws: ``DatabaseError``: `unavailable` if there is such a file already, `full`, `readOnly`;
    ///   `CancellationError`.
    public func backUp(to destination: String) async throws {
        let partial = destination + ".partial"
        try await withConnection { connection in
            guard access(destination, F_OK) != 0 else {
                throw FileSystem.error(EEXIST, "cannot make the backup '\(destination)'")
            }
            unlink(partial)  // of a backup that was cut off
            // SQLite would make it readable for others; an empty file it takes as it is.
            try FileSystem.makeNew(partial)
            do {
                let statement = try Statement("VACUUM INTO ?", on: connection)
                try statement.bind([.text(partial)], on: connection)
                while try statement.step(on: connection) {}
                // SQLite does not wait for the disk with this one.
                try FileSystem.sync(partial)
                // Unlike a rename, a link never takes the place of another file.
                guard link(partial, destination) == 0 else {
                    throw FileSystem.error(errno, "cannot make the backup '\(destination)'")
                }
            } catch {
                unlink(partial)
                throw error
            }
            unlink(partial)
            try FileSystem.sync(FileSystem.directory(of: destination))
        }
    }

    /// Runs `body` with a connection and a thread of its own, which reads only.
    private func withConnection(
        _ body: @escaping @Sendable (borrowing ConnectionHandle) throws -> Void
    ) async throws {
        try Task.checkCancellation()
        let cancellation = Cancellation()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                OSThread.start(name: "db-maintain") { [path] in
                    let result = Result<Void, any Error> {
                        let connection = try ConnectionHandle.reader(path: path)
                        connection.setProgressHandler(
                            context: Unmanaged.passUnretained(cancellation).toOpaque(),
                            { context in
                                Unmanaged<Cancellation>.fromOpaque(context!).takeUnretainedValue().isSet
                                    ? 1 : 0
                            })
                        defer { connection.removeProgressHandler() }
                        try body(connection)
                    }
                    continuation.resume(
                        with: cancellation.isSet ? result.mapError { _ in CancellationError() } : result)
                }
            }
        } onCancel: {
            cancellation.set()
        }
    }

    /// Tells a thread that nobody waits for it any more.
    private final class Cancellation: Sendable {
        private let flag = Atomic<Bool>(false)
        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }
}
