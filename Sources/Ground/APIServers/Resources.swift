public import Identity

/// The URIs of what the API is about. There is one cluster and one organisation until the platform brings more.
public enum Resources {
    /// Everything of a kind in a project.
    public static func all(_ scheme: ResourceURI.Scheme, in project: String) throws -> ResourceURI {
        try ResourceURI(scheme, ["local", "default", project])
    }

    /// One thing of a project.
    public static func one(
        _ scheme: ResourceURI.Scheme, _ name: String, in project: String
    ) throws -> ResourceURI {
        try ResourceURI(scheme, ["local", "default", project, name])
    }

    /// The machines, and what is the platform's own: its metrics, its state.
    public static func nodes() throws -> ResourceURI { try ResourceURI(.node, ["local"]) }
}
