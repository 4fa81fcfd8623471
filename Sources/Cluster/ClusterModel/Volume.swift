public import Core
public import Documents

/// A directory of one node that outlives the tasks which use it.
public struct Volume: Hashable, Sendable, Codable {
    /// Unique within its project.
    public var name: String
    public var project: String
    /// The node that it is on; nil while no task has used it.
    public var node: NodeID?
    /// When it was last lost with its node: what ran before says nothing of where it is. Nil for never.
    public var lostAt: Timestamp?
    public var createdAt: Timestamp
    /// Who asked for it: a principal's URI.
    public var createdBy: String

    public init(name: String, project: String, node: NodeID? = nil, createdAt: Timestamp, createdBy: String) {
        self.name = name
        self.project = project
        self.node = node
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    public var id: VolumeID { VolumeID(name, in: project) }
}

/// Which volume.
public struct VolumeID: Hashable, Comparable, Sendable {
    public var project: String
    public var name: String

    public init(_ name: String, in project: String) {
        self.project = project
        self.name = name
    }

    public static func < (a: Self, b: Self) -> Bool { (a.project, a.name) < (b.project, b.name) }
}

/// A volume of its project that a task uses.
public struct VolumeMount: Hashable, Sendable, Codable {
    /// The volume's; made where there is none.
    public var name: String
    /// Where the task sees it: an absolute path. Nil for a process that is only told where it is.
    public var target: String?
    public var readOnly: Bool

    public init(name: String, target: String? = nil, readOnly: Bool = false) {
        self.name = name
        self.target = target
        self.readOnly = readOnly
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            target: try values.decodeIfPresent(String.self, forKey: .target),
            readOnly: try values.decodeIfPresent(Bool.self, forKey: .readOnly) ?? false)
    }
}

extension VolumeMount: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A volume that the task sees.",
            [
                .required("name", .string(.name), "A volume of the project; made where there is none."),
                .optional(
                    "target", .string(.absolutePath),
                    "The path inside the task. Containers need one; a process finds its volumes in APOLLO_VOLUME_NAME, too."
                ),
                .optional("readOnly", .boolean, default: false),
            ])
    }
}

extension TaskSpec {
    /// The volumes it uses.
    public func volumes(in project: String) -> [VolumeID] {
        volumes.map { VolumeID($0.name, in: project) }
    }

    func volumeFaults() -> [(path: String, message: String)] {
        var faults: [(path: String, message: String)] = []
        for (index, volume) in volumes.enumerated() {
            if volumes[..<index].contains(where: { $0.name == volume.name }) {
                faults.append(("volumes[\(index)].name", "'\(volume.name)' is given twice"))
            }
            guard let target = volume.target else {
                if runtime.runsImages {
                    faults.append(
                        ("volumes[\(index)].target", "a container needs the path where it sees the volume"))
                }
                continue
            }
            let isTaken =
                mounts.contains { $0.target == target } || volumes[..<index].contains { $0.target == target }
            if isTaken {
                faults.append(
                    ("volumes[\(index)].target", "'\(target)' is the target of another mount already"))
            }
        }
        return faults
    }
}
