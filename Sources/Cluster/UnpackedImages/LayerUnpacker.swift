import Archives
import CApollo
import Core
import Glibc

/// Unpacks a layer into a directory as overlayfs wants a lower one: whiteouts are devices 0/0 and opaque directories are marked
/// (Linux documentation, "Overlay Filesystem"). Nothing is made outside of the directory, whatever the layer holds: links in it are
/// followed as if the directory were the root. Devices and sockets are left out.
struct LayerUnpacker: ~Copyable {
    private let root: OpenFile
    private let budget: UnpackBudget
    /// What was made so far.
    private(set) var size = UnpackedSize()
    /// Directories get their times at the end: what is made in them changes these.
    private var directories: [(path: String, times: [timespec])] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    /// The directory in which something was made last.
    private var lastParent: (path: String, file: Int32) = ("", -1)

    /// O_PATH, which the Glibc module does not show (open(2)).
    private static var pathOnly: Int32 { 0o10_000_000 }

    init(into directory: String, within budget: UnpackBudget) throws(LayerError) {
        guard let root = OpenFile(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else {
            throw .system("cannot open \(directory)")
        }
        self.root = root
        self.budget = budget
    }

    deinit { if lastParent.file >= 0 { close(lastParent.file) } }

    /// Unpacks all of it, and has it on the disk.
    mutating func unpack(_ layer: borrowing LayerReader) throws(LayerError) {
        while let member = try Self.next(of: layer) { try take(member, layer) }
        try Self.refusing { () throws(ArchiveError) in try layer.finish() }
        try finish()
    }

    private static func next(of layer: borrowing LayerReader) throws(LayerError) -> LayerMember? {
        try refusing { () throws(ArchiveError) in try layer.next() }
    }

    /// What is wrong with the archive is what is wrong with the layer.
    private static func refusing<Value>(_ body: () throws(ArchiveError) -> Value) throws(LayerError) -> Value
    {
        do { return try body() } catch { throw .refused("\(error)") }
    }

    private mutating func finish() throws(LayerError) {
        for (path, times) in directories.reversed() {
            let file = capollo_open_in_root(root.number, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            // A later member may have taken its place.
            guard let directory = OpenFile(file) else { continue }
            futimens(directory.number, times)
        }
        guard capollo_sync_file_system(root.number) == 0 else { throw .system("cannot write the layer") }
    }

    private mutating func take(_ member: LayerMember, _ layer: borrowing LayerReader) throws(LayerError) {
        // What it says of itself is written, too.
        try count(bytes: Int64(member.attributes.reduce(0) { $0 + $1.value.count }), members: 1)
        let path = try Self.refusing { () throws(ArchiveError) in try LayerPath(member.path) }
        guard let name = path.name.map(String.init) else {
            // The root itself.
            guard case .directory = member.kind else { throw .refused("'\(member.path)' is no name") }
            return try describe(directory: ".", member)
        }
        let parent = try parent(path)
        let whiteout = try Self.refusing { () throws(ArchiveError) in try path.whiteout }
        if let whiteout { return try make(whiteout, in: parent) }
        let text = path.text
        switch member.kind {
        case .directory:
            if mkdirat(parent, name, 0o700) != 0 {
                guard errno == EEXIST else { throw .system("cannot make '\(text)'") }
                try replaceUnlessDirectory(name, in: parent, text)
            }
            try describe(directory: text, member)
        case .file(let size): try makeFile(name, in: parent, size, member, layer, text)
        case .link(let target):
            try replace(name, in: parent, text) { symlinkat(target, parent, name) }
            try describe(name, in: parent, member)
        case .name(let other): try makeName(name, in: parent, of: other, text)
        case .pipe:
            try replace(name, in: parent, text) { mkfifoat(parent, name, 0o600) }
            try describe(name, in: parent, member)
            fchmodat(parent, name, member.mode, 0)
        case .device, .other: break
        }
    }

    private mutating func count(bytes: Int64 = 0, members: Int = 0) throws(LayerError) {
        let more = UnpackedSize(bytes: bytes, members: members)
        try budget.take(more)
        size.bytes += more.bytes
        size.members += more.members
    }

    /// The directory that a member is in, made where the layer does not say how it is.
    private mutating func parent(_ path: LayerPath) throws(LayerError) -> Int32 {
        let text = path.parent.joined(separator: "/")
        if lastParent.file >= 0, lastParent.path == text { return lastParent.file }
        let flags = Self.pathOnly | O_DIRECTORY
        var file = capollo_open_in_root(root.number, text.isEmpty ? "." : text, flags)
        if file < 0, errno == ENOENT {
            var made = ""
            for part in path.parent {
                // A name of 4 KB may imply two thousand folders.
                try count(members: 1)
                let above = capollo_open_in_root(root.number, made.isEmpty ? "." : made, flags)
                guard let directory = OpenFile(above) else { throw .system("cannot open '\(made)'") }
                if mkdirat(directory.number, String(part), 0o755) != 0, errno != EEXIST {
                    throw .system("cannot make '\(text)'")
                }
                made += made.isEmpty ? part : "/\(part)"
            }
            file = capollo_open_in_root(root.number, text, flags)
        }
        guard file >= 0 else {
            switch errno {
            case ENOTDIR, ELOOP, EXDEV, ENOENT:
                throw .refused("'\(text)' is no directory, and has files in it")
            default: throw .system("cannot open '\(text)'")
            }
        }
        if lastParent.file >= 0 { close(lastParent.file) }
        lastParent = (text, file)
        return file
    }

    /// What is in the way goes, as a later member of an archive takes the place of an earlier one.
    private mutating func replace(
        _ name: String, in parent: Int32, _ text: String, _ make: () -> Int32
    ) throws(LayerError) {
        if make() == 0 { return }
        guard errno == EEXIST else { throw .system("cannot make '\(text)'") }
        guard unlinkat(parent, name, 0) == 0 || unlinkat(parent, name, AT_REMOVEDIR) == 0 else {
            throw .refused("'\(text)' stands for two things")
        }
        forgetParents()
        guard make() == 0 else { throw .system("cannot make '\(text)'") }
    }

    private mutating func replaceUnlessDirectory(
        _ name: String, in parent: Int32, _ text: String
    ) throws(LayerError) {
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system("cannot make '\(text)'")
        }
        if status.st_mode & S_IFMT == S_IFDIR { return }
        try replace(name, in: parent, text) { mkdirat(parent, name, 0o700) }
    }

    /// A directory that was opened may be another's by now.
    private mutating func forgetParents() { lastParent.path = "\0" }

    private mutating func makeFile(
        _ name: String, in parent: Int32, _ size: Int64, _ member: LayerMember,
        _ layer: borrowing LayerReader, _ text: String
    ) throws(LayerError) {
        var number: Int32 = -1
        try replace(name, in: parent, text) {
            number = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            return number < 0 ? -1 : 0
        }
        guard let file = OpenFile(number) else { throw .failed("cannot make '\(text)'") }
        while true {
            let count = try read(layer)
            if count == 0 { break }
            try self.count(bytes: Int64(count))
            var written = 0
            while written < count {
                let step = buffer.withUnsafeBytes {
                    write(file.number, $0.baseAddress! + written, count - written)
                }
                guard step > 0 else { throw .system("cannot write '\(text)'") }
                written += step
            }
        }
        try describe(file.number, member, text)
    }

    /// Fills the buffer with what comes next of a file; 0 at its end.
    private mutating func read(_ layer: borrowing LayerReader) throws(LayerError) -> Int {
        do throws(ArchiveError) { return try layer.read(into: &buffer) } catch { throw .refused("\(error)") }
    }

    /// Another name of a file of this layer.
    private mutating func makeName(
        _ name: String, in parent: Int32, of other: String, _ text: String
    ) throws(LayerError) {
        let target = try Self.refusing { () throws(ArchiveError) in try LayerPath(other) }
        guard let last = target.name.map(String.init) else {
            throw .refused("'\(text)' is a name of no file")
        }
        let folder = target.parent.joined(separator: "/")
        let place = capollo_open_in_root(
            root.number, folder.isEmpty ? "." : folder, Self.pathOnly | O_DIRECTORY)
        guard let directory = OpenFile(place) else {
            throw .refused("'\(text)' is a name of '\(other)', which is not there")
        }
        var status = stat()
        guard fstatat(directory.number, last, &status, AT_SYMLINK_NOFOLLOW) == 0,
            [S_IFREG, S_IFLNK, S_IFIFO].contains(status.st_mode & S_IFMT)
        else { throw .refused("'\(text)' is a name of '\(other)', which is no file of the layer") }
        // A file may be listed as a name of itself.
        if folder == lastParent.path, last == name { return }
        let from = directory.number
        try replace(name, in: parent, text) { linkat(from, last, parent, name, 0) }
    }

    /// Says how a directory is, and at the end from when.
    private mutating func describe(directory text: String, _ member: LayerMember) throws(LayerError) {
        let file = capollo_open_in_root(root.number, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard let directory = OpenFile(file) else { throw .system("cannot open '\(text)'") }
        try describe(directory.number, member, text)
        directories.append((text, Self.times(member)))
    }

    private func make(_ whiteout: LayerPath.Whiteout, in parent: Int32) throws(LayerError) {
        switch whiteout {
        case .nothing: return
        case .hides(let name):
            // What this layer has by the name itself is above it (OCI image specification, "Whiteouts").
            guard capollo_make_whiteout(parent, name) == 0 || errno == EEXIST else {
                throw .system("cannot take '\(name)' away")
            }
        case .opaque:
            guard let directory = OpenFile(openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
                capollo_set_attribute(directory.number, "trusted.overlay.opaque", "y", 1) == 0
            else { throw .system("cannot take what is in a directory away") }
        }
    }
}
