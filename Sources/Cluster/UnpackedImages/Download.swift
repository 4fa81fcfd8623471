import Cryptography
import Glibc
import ImageModel
import Synchronization

/// A layer on its way here: what has come so far, in a file, and its hash.
final class Download: Sendable {
    private struct State {
        var size: Int64
        var hash: MessageDigest
    }

    private let path: String
    private let file: Int32
    private let descriptor: ImageDescriptor
    private let state: Mutex<State>

    /// Goes on with what is there. Blocks.
    init(_ path: String, _ descriptor: ImageDescriptor) throws(LayerError) {
        self.path = path
        self.descriptor = descriptor
        state = Mutex(State(size: 0, hash: MessageDigest(descriptor.digest.algorithm.hash)))
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("cannot write \(path)") }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var size: Int64 = 0
        while case let count = read(file, &buffer, buffer.count), count != 0 {
            guard count > 0 else { throw .system("cannot read \(path)") }
            size += Int64(count)
            guard size <= descriptor.size else {
                try restart()
                break
            }
            state.withLock { state in
                state.size = size
                state.hash.update(buffer[..<count])
            }
        }
    }

    deinit { if file >= 0 { close(file) } }

    var size: Int64 { state.withLock { $0.size } }

    /// Of all of it; once.
    var digest: ImageDigest {
        ImageDigest(descriptor.digest.algorithm, hash: state.withLock { $0.hash.finalize() })
    }

    /// Begins anew.
    func restart() throws(LayerError) {
        guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else {
            throw .system("cannot write \(path)")
        }
        state.withLock { $0 = State(size: 0, hash: MessageDigest(descriptor.digest.algorithm.hash)) }
    }

    func write(_ piece: [UInt8]) throws(LayerError) {
        guard size + Int64(piece.count) <= descriptor.size else {
            unlink(path)
            throw .refused("layer \(descriptor.digest) is longer than its \(descriptor.size) bytes")
        }
        var written = 0
        while written < piece.count {
            let count = piece.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress! + written, piece.count - written)
            }
            guard count > 0 else { throw .system("cannot write \(path)") }
            written += count
        }
        state.withLock { state in
            state.size += Int64(piece.count)
            state.hash.update(piece)
        }
    }
}
