import Files
import Glibc
import TaskRuntimes

/// Which users of the machine the containers of all its platforms have, so that none takes another's: a file for each share, called after the
/// first of its users, that says where the container's own record of it is. What is not in that record any more is free: a platform
/// that was killed, or whose data is gone, keeps nothing. It goes with the machine's /run, as containers do.
///
/// Locked for as long as it is there.
struct UserRegister: ~Copyable {
    private let directory: String
    private let lock: Int32
    /// The first users that are written down, in use or not.
    private var firsts: [UInt32]

    private static let patience = 2000

    /// Waits for who has it locked: two seconds at most, of which nobody needs one.
    init(_ directory: String) throws(RuntimeError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw .system("cannot make \(directory)")
        }
        let file = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("cannot open \(directory)/lock") }
        var tries = 0
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            tries += 1
            guard errno == EWOULDBLOCK || errno == EINTR, tries < Self.patience else {
                close(file)
                throw .unavailable(
                    "\(directory)/lock stays locked by another platform of this machine",
                    hint: "see who has it open: fuser \(directory)/lock")
            }
            poll(nil, 0, 1)
        }
        lock = file
        self.directory = directory
        firsts = DirectoryNames.found(in: directory).compactMap { UInt32($0) }
    }

    deinit { close(lock) }

    /// Whether a container has one of the users from `first` on, but for that whose record is at `path`.
    borrowing func isTaken(_ first: UInt32, but path: String) -> Bool {
        firsts.contains { other in
            let distance = first > other ? first - other : other - first
            guard distance < SubordinateUsers.each, let record = record(of: other), record != path else {
                return false
            }
            return ContainerFiles.firstUser(at: record) == other
        }
    }

    /// Writes down that the container whose record is at `path` has the users from `first` on.
    mutating func add(_ first: UInt32, _ path: String) throws(RuntimeError) {
        try ContainerFiles.write(Array(path.utf8), to: place(first))
        if !firsts.contains(first) { firsts.append(first) }
    }

    /// Takes away what was written down of that container, unless another has the users by now.
    borrowing func remove(_ first: UInt32, _ path: String) {
        guard record(of: first) == path else { return }
        // What stays is no container's, and is seen to be.
        unlink(place(first))
    }

    private borrowing func record(of first: UInt32) -> String? {
        ContainerFiles.read(place(first), limit: 4096).map { String(decoding: $0, as: UTF8.self) }
    }

    private borrowing func place(_ first: UInt32) -> String { "\(directory)/\(first)" }
}
