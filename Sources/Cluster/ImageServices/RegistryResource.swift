import APIServers
import Core
import Identity
import ImageModel
import ImageStorage

/// What rights on images are about: `image://local/default/PROJECT/REPOSITORY`, along the slashes of the name.
enum RegistryResource {
    /// Where a repository belongs: a name of several parts begins with its project, one of a single part is of `default`.
    static func record(_ name: RepositoryName) -> RepositoryRecord {
        let parts = name.parts
        return RepositoryRecord(name: name, project: parts.count > 1 ? String(parts[0]) : "default")
    }

    static func uri(_ name: RepositoryName) throws -> ResourceURI {
        let parts = name.parts.map(String.init)
        let (project, rest) = parts.count > 1 ? (parts[0], Array(parts.dropFirst())) : ("default", parts)
        return try ResourceURI(.image, ["local", "default", project] + rest)
    }
}

extension RegistryAction {
    var permission: Permission { self == .pull ? .read : .write }
}
