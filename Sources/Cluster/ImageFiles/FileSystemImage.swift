public import Core
import Glibc
public import ImageModel

/// Makes a file system in a file of an image that was unpacked into a folder. The same image gives the same bytes, whenever and
/// wherever, with the same version of the programs that make them. All of it blocks the thread.
public struct FileSystemImage: Sendable {
    public enum Format: Hashable, Sendable {
        /// Without a journal.
        ///
        /// - Parameter size: how large it is; nil for as large as its files, a quarter of that, and 16 MiB.
        case ext4(size: ByteCount?)
        /// Read-only, packed by LZ4.
        case erofs

        private var tools: [FileSystemTool] {
            switch self {
            case .ext4: [.mke2fs, .debugfs]
            case .erofs: [.mkfsErofs]
            }
        }

        /// - Throws: ``ApolloError`` of kind `unavailable` where a program is not installed, of kind `denied` where this process may not
        ///   keep owners and devices.
        public func check(with places: FileSystemTool.Places) throws {
            for tool in tools { _ = try tool.require(in: places) }
            guard geteuid() == 0 else {
                throw ApolloError(
                    .denied, "the owners and devices of an image can be kept by root alone",
                    hint: "put 'fakeroot' before the command (sudo apt-get install fakeroot)")
            }
        }
    }

    private let format: Format
    /// Of the image: what else would be random is made of it.
    private let digest: ImageDigest
    /// Seconds since 1970, of what has no time of its own.
    private let time: Int64
    private let places: FileSystemTool.Places

    /// - Parameters:
    ///   - created: when the image was made.
    ///   - places: where the programs are.
    public init(
        _ format: Format, of digest: ImageDigest, created: Timestamp?, with places: FileSystemTool.Places
    ) {
        self.format = format
        self.digest = digest
        // 0 means "now" to e2fsprogs.
        time = min(max(1, (created?.microseconds ?? 0) / 1_000_000), Int64(UInt32.max))
        self.places = places
    }

    /// Writes the file system to a file, which is there as a whole or not at all.
    ///
    /// - Parameters:
    ///   - scratch: a folder for files that go with it.
    ///   - begun: when unpacking began.
    public func write(_ folder: String, to target: String, scratch: String, begun: Timestamp) throws {
        guard chmod(folder, 0o755) == 0 else { throw FolderWalk.failure("change", folder) }
        var contents = FileSystemContents(folder, newer: begun, time: time)
        try contents.read()
        // What begins with a hyphen is an option to others.
        let target = target.hasPrefix("/") ? target : "./\(target)"
        var template = Array("\(target).XXXXXX".utf8CString)
        let file = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
        guard file >= 0 else { throw FolderWalk.failure("write", target) }
        defer { close(file) }
        let temporary = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        // Gone already where all went well.
        defer { unlink(temporary) }
        switch format {
        case .ext4(let size): try makeExt4(folder, temporary, scratch, size, contents)
        case .erofs:
            try FileSystemTool.mkfsErofs.run(
                ["--quiet", "-T\(time)", "-U\(uuid)", "-zlz4hc", temporary, folder], in: places)
        }
        guard fchmod(file, 0o644) == 0, fsync(file) == 0, rename(temporary, target) == 0 else {
            throw FolderWalk.failure("write", target)
        }
    }

    /// Of the image's digest, in the form of RFC 9562 (version 8).
    private var uuid: String {
        var digits = Array(digest.hex.prefix(32))
        digits[12] = "8"
        digits[16] = "8"
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    // MARK: ext4

    /// All but a journal of what ext4 is today: named one by one, since each machine has defaults of its own (mke2fs.conf(5)).
    private static let features =
        "none,extent,filetype,sparse_super,large_file,huge_file,dir_nlink,extra_isize,64bit,metadata_csum,flex_bg,"
        + "dir_index,ext_attr"

    private func makeExt4(
        _ folder: String, _ file: String, _ scratch: String, _ size: ByteCount?,
        _ contents: FileSystemContents
    ) throws {
        let (settings, script) = ("\(scratch)/mke2fs.conf", "\(scratch)/times")
        try FileBytes.write(Array("[fs_types]\napollo = {\ninode_size = 256\n}\n".utf8), toNew: settings)
        let variables: KeyValuePairs = ["E2FSPROGS_FAKE_TIME": "\(time)", "MKE2FS_CONFIG": settings]
        let inodes = contents.inodes + contents.inodes / 4 + 64
        let bytes = size?.bytes ?? contents.bytes(withInodes: inodes)
        do {
            try FileSystemTool.mke2fs.run(
                [
                    "-q", "-F", "-T", "apollo", "-b", "\(FileSystemContents.block)", "-m", "0",
                    "-N", "\(inodes)", "-U", uuid, "-E",
                    "hash_seed=\(uuid),lazy_itable_init=0,root_owner=0:0",
                    "-O", Self.features, "-d", folder, file, "\(bytes >> 10)k",
                ], in: places, variables: variables)
        } catch let error as ApolloError {
            // What it says itself is of blocks and inodes.
            let usual = ByteCount(contents.bytes(withInodes: inodes))
            guard let size, size < usual else { throw error }
            throw ApolloError(
                .invalid, "the image does not fit into \(size): \(error.message)",
                hint: "with --size \(usual), which is what it has without --size, it surely does")
        }
        // When files were last read, and when their inodes changed, nobody can set but in the file system itself. The root is inode 2,
        // and the others come from 11 (lost+found) on, as they were made.
        var lines = ""
        for inode in [2] + Array(11...11 + contents.inodes) {
            lines += "sif <\(inode)> atime @\(time)\nsif <\(inode)> ctime @\(time)\n"
        }
        try FileBytes.write(Array(lines.utf8), toNew: script)
        // It names itself on its standard error.
        try FileSystemTool.debugfs.run(
            ["-w", "-f", script, file], in: places, variables: variables, showsErrors: false)
    }
}
