import Files
import Glibc

/// What tells whether a file is the one that was read: where it is, how long, and when it was written.
struct FileStamp: Hashable, Sendable {
    private var numbers: [Int] = []

    init(_ path: String) {
        var status = stat()
        // A file that is not there has no stamp: that is a change, too.
        guard stat(path, &status) == 0 else { return }
        numbers = [Int(bitPattern: UInt(status.st_ino)), status.st_size]
        let written = ModificationTime(status)
        numbers += [written.seconds, written.nanoseconds]
    }
}
