public import Core
import Glibc
import Synchronization

/// The most that is made of one image.
public struct UnpackLimits: Hashable, Sendable {
    /// Of files, unpacked.
    public var bytes: ByteCount
    /// Files, folders, links.
    public var members: Int
    /// What stays free of the file system, or a twentieth of it, where that is less.
    public var reserve: ByteCount

    public init(
        bytes: ByteCount = .gibibytes(32), members: Int = 2_000_000, reserve: ByteCount = .gibibytes(4)
    ) {
        self.bytes = bytes
        self.members = members
        self.reserve = reserve
    }
}

/// What a layer is, unpacked, as it counts against the limits.
struct UnpackedSize: Hashable, Sendable {
    var bytes: Int64 = 0
    var members = 0
}

/// What is left of the limits of one image, whose layers are unpacked at the same time.
final class UnpackBudget: Sendable {
    private struct State {
        var taken = UnpackedSize()
        /// Bytes since the disk was looked at.
        var unseen = UnpackBudget.step
        var files = 0
        /// Said to all layers, once one of them has been refused.
        var failure: LayerError?
    }

    private let limits: UnpackLimits
    private let directory: String
    private let state = Mutex(State())

    /// How often the disk is looked at: each time that so many bytes, or so many files, were written.
    private static let step: Int64 = 64 << 20
    private static let fileStep = 4096

    /// - Parameter directory: on the file system that is written to.
    init(_ limits: UnpackLimits, on directory: String) {
        self.limits = limits
        self.directory = directory
    }

    /// Says that a layer is about to have so much more. Blocks.
    func take(_ size: UnpackedSize) throws(LayerError) {
        try state.withLock { state throws(LayerError) in
            if let failure = state.failure { throw failure }
            state.taken.bytes += size.bytes
            state.taken.members += size.members
            do throws(LayerError) {
                try check(state.taken)
                try count(size, &state)
            } catch {
                state.failure = error
                throw error
            }
        }
    }

    /// Says that so many bytes are about to be written which are no part of the unpacked image. Blocks.
    func write(_ bytes: Int64) throws(LayerError) {
        try state.withLock { state throws(LayerError) in
            try count(UnpackedSize(bytes: bytes), &state)
        }
    }

    private func check(_ taken: UnpackedSize) throws(LayerError) {
        guard taken.bytes <= limits.bytes.bytes else {
            throw .tooLarge("the image unpacks to more than \(limits.bytes)", setting: "oci.image.size")
        }
        guard taken.members <= limits.members else {
            throw .tooLarge("the image has more than \(limits.members) files", setting: "oci.image.files")
        }
    }

    private func count(_ size: UnpackedSize, _ state: inout State) throws(LayerError) {
        state.unseen += size.bytes
        state.files += size.members
        guard state.unseen >= Self.step || state.files >= Self.fileStep else { return }
        (state.unseen, state.files) = (0, 0)
        try checkDisk()
    }

    private func checkDisk() throws(LayerError) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw .system("cannot look at \(directory)") }
        let block = Int64(status.f_frsize)
        let room = DiskRoom(
            free: block * Int64(clamping: status.f_bavail), total: block * Int64(clamping: status.f_blocks),
            freeInodes: Int64(clamping: status.f_favail), inodes: Int64(clamping: status.f_files))
        if let obstacle = room.obstacle(toWriting: Self.step, leaving: limits.reserve.bytes) {
            throw .noRoom("\(obstacle) in \(directory)")
        }
    }
}

/// What a file system has, in bytes and inodes.
struct DiskRoom: Hashable {
    var free: Int64
    var total: Int64
    var freeInodes: Int64
    /// 0 where their number is not fixed.
    var inodes: Int64

    /// Why so many bytes more are not to be written; nil where they may be. A twentieth is left to others, or `reserve` bytes.
    func obstacle(toWriting bytes: Int64, leaving reserve: Int64) -> String? {
        let kept = min(reserve, total / 20)
        guard free >= kept + bytes else {
            return "of \(ByteCount(free)) that are free, \(ByteCount(kept)) are left to others"
        }
        guard inodes == 0 || freeInodes > inodes / 20 else {
            return "\(freeInodes) of \(inodes) inodes are free, and as many are left to others"
        }
        return nil
    }
}
