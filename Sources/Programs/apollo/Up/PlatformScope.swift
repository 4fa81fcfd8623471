/// How much of the platform runs in a process.
enum PlatformScope: Sendable {
    /// Everything, tasks on this machine too.
    case whole
    /// Everything but tasks: machines have to join for those.
    case manager
    /// The image registry, with its users, tokens, rights and audit.
    case registry
    /// The object store, with the same.
    case objects

    /// Whether tasks run in this process, too.
    var runsTasks: Bool { self == .whole }
    /// Whether it is there for what is kept alone: then no machine joins, and nothing is placed.
    var isStoreAlone: Bool { self == .registry || self == .objects }
}
