import CApollo
import Core

/// epoll(7), level-triggered.
final class Poller {
    private let descriptor: Descriptor
    private var files = [Int32](repeating: 0, count: 256)
    private var writable = [Int32](repeating: 0, count: 256)

    init() throws(SystemError) {
        let number = capollo_launcher_poller()
        guard number >= 0 else { throw .last("epoll_create1", "for the launcher") }
        descriptor = Descriptor(owning: number)
    }

    /// Watches for reading.
    func add(_ file: Descriptor) throws(SystemError) { try watch(file, writing: false, isNew: true) }

    /// Watches a file that is watched already for writing too, or no longer.
    func watch(_ file: Descriptor, writing: Bool) throws(SystemError) {
        try watch(file, writing: writing, isNew: false)
    }

    private func watch(_ file: Descriptor, writing: Bool, isNew: Bool) throws(SystemError) {
        guard capollo_launcher_watch(descriptor.number, file.number, writing ? 1 : 0, isNew ? 1 : 0) == 0
        else {
            throw .last("epoll_ctl", "on descriptor \(file.number)")
        }
    }

    /// Waits at most `timeout`, nil for ever, and returns the files with something to do.
    func wait(_ timeout: Duration?) -> [(file: Int32, isWritable: Bool)] {
        // Rounded up, or a deadline a little ahead would be waited for by spinning.
        let milliseconds = timeout.map { Int32(clamping: max(0, ($0.inMicroseconds + 999) / 1000)) } ?? -1
        let count = capollo_launcher_wait(
            descriptor.number, &files, &writable, Int32(files.count), milliseconds)
        guard count > 0 else { return [] }
        return (0..<Int(count)).map { (files[$0], writable[$0] != 0) }
    }
}
