import ClusterModel
import Documents
import Files
import Glibc
import OCIBundles
import TaskRuntimes
import YAML

/// The GPUs of a machine for containers, by the files that its vendor's tools have written for that (CDI).
enum GPUDevices {
    static let kind = "nvidia.com/gpu"
    private static let hint =
        "install the NVIDIA container toolkit and run: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"

    /// What a container gets with these GPUs. Blocks.
    ///
    /// - Parameter directories: where descriptions are looked for; the first that knows the kind counts.
    static func edits(
        for gpus: [AssignedGPU], asked: Int, in directories: [String]
    ) throws(RuntimeError) -> ContainerEdits {
        guard asked > 0 else { return ContainerEdits() }
        guard gpus.count == asked else {
            throw .rejected("this machine does not say which GPUs it has", hint: "it needs nvidia-smi")
        }
        for directory in directories {
            for name in DirectoryNames.found(in: directory).sorted()
            where name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json") {
                let path = "\(directory)/\(name)"
                guard let found = try specification(path), found.kind == kind else { continue }
                switch found.edits(for: gpus.map { [$0.uuid, "\($0.index)", "gpu\($0.index)"] }) {
                case .success(let edits): return try numbered(edits)
                case .failure(let error):
                    throw .rejected("\(path): \(error)", hint: "write it anew: nvidia-ctk cdi generate")
                }
            }
        }
        throw .rejected(
            "no file in \(directories.joined(separator: " or ")) describes GPUs for containers by runc",
            hint: hint)
    }

    /// Nil where it was taken away meanwhile.
    private static func specification(_ path: String) throws(RuntimeError) -> DeviceSpecification? {
        guard let bytes = ContainerFiles.read(path, limit: 1 << 20) else {
            if errno == ENOENT { return nil }
            throw .rejected("\(path) cannot be read", hint: "it describes devices for containers")
        }
        do {
            // JSON is YAML (YAML 1.2).
            return try DeviceSpecification(parsing: try YAMLReader().read(bytes, file: path).value)
        } catch {
            throw .rejected("\(path) describes no devices for containers: \(error)", hint: nil)
        }
    }

    /// With the numbers of devices that the description leaves to the machine.
    private static func numbered(_ edits: ContainerEdits) throws(RuntimeError) -> ContainerEdits {
        var edits = edits
        for index in edits.devices.indices where edits.devices[index].number == nil {
            let path = edits.devices[index].hostPath
            var status = stat()
            guard stat(path, &status) == 0, let letter = Self.letter(of: status.st_mode) else {
                throw .rejected(
                    "there is no device \(path), which a GPU needs", hint: "is its driver loaded?")
            }
            // As glibc's <sys/sysmacros.h> takes them apart.
            let number = UInt64(status.st_rdev)
            edits.devices[index].number = .init(
                type: letter, major: Int64((number >> 8) & 0xFFF | (number >> 32) & ~0xFFF),
                minor: Int64(number & 0xFF | (number >> 12) & ~0xFF))
            edits.devices[index].mode = edits.devices[index].mode ?? Int64(status.st_mode & 0o777)
        }
        return edits
    }

    private static func letter(of mode: mode_t) -> String? {
        switch mode & S_IFMT {
        case S_IFCHR: "c"
        case S_IFBLK: "b"
        default: nil
        }
    }
}
