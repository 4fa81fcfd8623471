import Core
import Glibc
import Synchronization

/// A file that is received: it has its name when it is whole. What is begun stays only where it can be gone on with.
final class FileTarget: Sendable {
    let path: String
    private let temporary: String
    let descriptor: Int32
    private let isKept: Bool
    private let isDone = Mutex(false)

    /// - Parameter mark: names what was begun: it is the same for the same source, and then kept; nil for one that is not.
    init(_ path: String, mark: String?, _ environment: Environment) throws(ApolloError) {
        self.path = path
        isKept = mark != nil
        var flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        if let mark {
            temporary = "\(path).\(mark).part"
        } else {
            let id: Identifier<Never> = environment.identifier()
            temporary = "\(path).\(id.text).part"
            flags |= O_EXCL
        }
        let descriptor = open(temporary, flags, 0o666)
        guard descriptor >= 0 else { throw LocalFiles.failure("make", path) }
        self.descriptor = descriptor
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ApolloError(
                .conflict, "\(path.printable) is being received already", hint: "wait for the other to end")
        }
    }

    deinit {
        if !isKept, !isDone.withLock(\.self) { unlink(temporary) }
        close(descriptor)
    }

    /// Leaves nothing of what was begun.
    func clear() throws(ApolloError) {
        guard ftruncate(descriptor, 0) == 0 else { throw LocalFiles.failure("write to", path) }
    }

    func write(_ piece: [UInt8], at offset: Int64) throws(ApolloError) {
        try LocalFiles.write(piece, at: offset, to: descriptor, path)
    }

    /// Gives the file its name.
    ///
    /// - Parameter modified: when it is held to have been written; now unless said.
    func finish(modified: Timestamp?) throws(ApolloError) {
        if let modified {
            let time = timeval(
                tv_sec: Int(modified.microseconds / 1_000_000),
                tv_usec: Int(modified.microseconds % 1_000_000))
            guard futimes(descriptor, [time, time]) == 0 else {
                throw LocalFiles.failure("set the time of", path)
            }
        }
        guard rename(temporary, path) == 0 else { throw LocalFiles.failure("make", path) }
        isDone.withLock { $0 = true }
    }

    /// Removes what was begun.
    func discard() {
        unlink(temporary)
        isDone.withLock { $0 = true }
    }
}
