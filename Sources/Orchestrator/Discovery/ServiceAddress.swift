import Core

/// How a service is called: `web`, `server.web`, `web.team.project`, and with `.apollo.internal` behind any of them.
public struct ServiceAddress: Hashable, Sendable {
    /// Below it are the names of services.
    public static let zone = "apollo.internal"
    /// What stands behind the name of a project.
    static let projectMark = "project"

    public var service: ServiceName
    /// One of the job's tasks; nil for all.
    public var task: String?

    public init(service: ServiceName, task: String? = nil) {
        self.service = service
        self.task = task
    }

    /// Of the labels before the zone; nil for what is no name of a service.
    init?(labels: [String]) {
        guard labels.allSatisfy(Self.isName) else { return nil }
        switch labels.count {
        case 1: self.init(service: ServiceName(project: "default", job: labels[0]))
        case 2: self.init(service: ServiceName(project: "default", job: labels[1]), task: labels[0])
        case 3 where labels[2] == Self.projectMark:
            self.init(service: ServiceName(project: labels[1], job: labels[0]))
        case 4 where labels[3] == Self.projectMark:
            self.init(service: ServiceName(project: labels[2], job: labels[1]), task: labels[0])
        default: return nil
        }
    }

    /// Reads what people write. Without a project in it, it is of `project`.
    public init?(parsing text: String, project: String) {
        var rest = text.lowercased()[...]
        if rest.hasSuffix(".") { rest = rest.dropLast() }
        let isWhole = rest.hasSuffix("." + Self.zone)
        if isWhole { rest = rest.dropLast(Self.zone.count + 1) }
        let labels = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        self.init(labels: labels)
        if !isWhole, labels.count <= 2 { service.project = project }
    }

    private static func isName(_ label: String) -> Bool {
        !label.isEmpty && label.utf8.count <= 63
            && label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
    }

    /// The name in full. Of the project `default` it is short.
    public var domain: String {
        var labels = [service.job]
        if let task { labels.insert(task, at: 0) }
        if service.project != "default" { labels += [service.project, Self.projectMark] }
        return (labels + [Self.zone]).joined(separator: ".")
    }

    /// What short names are looked for below, for the tasks of a project.
    public static func searchDomain(of project: String) -> String { "\(project).\(projectMark).\(zone)" }
}
