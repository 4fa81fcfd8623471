public import ClusterModel
public import Documents

/// A job as what others find it by.
public struct ServiceSummary: Hashable, Sendable, Codable {
    /// The job's.
    public var name: String
    public var project: String
    /// Its name for DNS.
    public var domain: String
    /// How many of its instances are ready.
    public var ready: Int
    /// How many it is to have.
    public var wanted: Int

    public init(name: String, project: String, domain: String, ready: Int, wanted: Int) {
        self.name = name
        self.project = project
        self.domain = domain
        self.ready = ready
        self.wanted = wanted
    }
}

/// One page of services.
public struct ServicePage: Hashable, Sendable, Codable {
    public var items: [ServiceSummary]
    public var nextCursor: String?
}

/// A service, and where its instances answer.
public struct ServiceDetail: Hashable, Sendable, Codable {
    public var service: ServiceSummary
    /// Those that are ready, by their names.
    public var endpoints: [ServiceEndpoint]

    public init(service: ServiceSummary, endpoints: [ServiceEndpoint]) {
        self.service = service
        self.endpoints = endpoints
    }
}

extension ServiceSummary: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A job as what others find it by.",
            [
                .required("name", .string(.name), "The job's."), .required("project", .string(.name)),
                .required("domain", .string, "Its name for DNS."),
                .required("ready", .integer(0...), "How many of its instances are ready."),
                .required("wanted", .integer(0...), "How many it is to have."),
            ])
    }
}

extension ServiceDetail: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A service, and where its instances answer.",
            [
                .required("service", .of(ServiceSummary.self)),
                .required(
                    "endpoints", .array(.of(ServiceEndpoint.self)), "Those that are ready, by their names."),
            ])
    }
}
