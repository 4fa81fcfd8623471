import CApollo
import Files
import Glibc
import OCIBundles
import TaskRuntimes

/// What a container sees of the machine's files with owners of its own: mounted where its users get to, and no others.
extension ContainerFiles {
    /// Makes the place. What an earlier start left of the same attempt is gone.
    func makePassage(for users: ContainerBundle.UserMapping) throws(RuntimeError) {
        guard mkdir(settings.roots, 0o711) == 0 || errno == EEXIST else {
            throw .system("cannot make \(settings.roots)")
        }
        // Its group is that of the container's root alone (chmod(1): 0710 lets it through and shows nothing).
        for (path, mode) in [(passage, mode_t(0o710)), (mappedRoot, 0o755)] {
            guard mkdir(path, mode) == 0, chown(path, 0, users.host) == 0, chmod(path, mode) == 0 else {
                throw .system("cannot make \(path)")
            }
        }
        // The root of its file system is as the upper directory is.
        guard chown(upper, users.host, users.host) == 0 else { throw .system("cannot give \(upper) away") }
    }

    /// Mounts the layers as ``mount(_:at:)`` does, with the container's owners: layers are mapped, and what it writes is on the disk as
    /// its users are called on the machine.
    func mountMapped(_ layers: [String], by space: borrowing UserSpace) throws(RuntimeError) {
        // Before Linux 6.15 an overlay takes only layers that are mounted somewhere; they go with the place, all at once.
        let place = passage + "/layers"
        guard mkdir(place, 0o700) == 0, capollo_mount_memory(place) == 0 else {
            throw .system("cannot mount the image's layers")
        }
        defer {
            while capollo_unmount(place) == 0 {}
            rmdir(place)
        }
        var mapped: [String] = []
        for (index, layer) in layers.enumerated() {
            let target = "\(place)/\(index)"
            guard mkdir(target, 0o700) == 0 else { throw .system("cannot make \(target)") }
            guard try attach(layer, at: target, by: space, recursive: false) else {
                throw .system("cannot mount a layer of the image with other owners: \(layer)")
            }
            mapped.append(target)
        }
        try mount(mapped, at: mappedRoot)
    }

    /// Mounts a place of the machine with the container's owners; where it is, or nil where its file system cannot.
    func mapped(_ source: String, _ index: Int, by space: borrowing UserSpace) throws(RuntimeError) -> String?
    {
        let target = "\(passage)/mount-\(index)"
        var status = stat()
        guard stat(source, &status) == 0 else { throw .system("cannot look at \(source)") }
        if status.st_mode & S_IFMT == S_IFDIR {
            guard mkdir(target, 0o700) == 0 else { throw .system("cannot make \(target)") }
        } else {
            try write([], to: target)
        }
        return try attach(source, at: target, by: space, recursive: true) ? target : nil
    }

    private func attach(
        _ source: String, at target: String, by space: borrowing UserSpace, recursive: Bool
    ) throws(RuntimeError) -> Bool {
        guard let mount = space.mapped(source, recursive: recursive) else {
            // Of the file system, or of one that is mapped already (mount_setattr(2)).
            if [EINVAL, EPERM, EOPNOTSUPP].contains(errno) { return false }
            throw .system("cannot mount \(source) with other owners")
        }
        defer { close(mount) }
        guard capollo_attach_mount(mount, target) == 0 else { throw .system("cannot mount \(source)") }
        return true
    }

    /// Takes away all that ``makePassage(for:)`` and others made; nothing where there is nothing. Never what is in a directory: it could be a
    /// volume that is mounted there still.
    func removePassage() throws(RuntimeError) {
        for name in DirectoryNames.found(in: passage) {
            let path = "\(passage)/\(name)"
            while capollo_unmount(path) == 0 {}
            guard unlink(path) == 0 || rmdir(path) == 0 else { throw .system("cannot remove \(path)") }
        }
        guard rmdir(passage) == 0 || errno == ENOENT else { throw .system("cannot remove \(passage)") }
    }
}
