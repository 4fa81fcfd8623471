public import Core
public import Identity

extension DirectoryCore {
    /// What it takes to make projects: `write` on this.
    public static var projects: ResourceURI {
        get throws(ApolloError) { try ResourceURI(.role, ["local", "default"]) }
    }

    /// Makes a project, which whoever makes it manages.
    public func createProject(
        _ name: String, key: String?, grantIDs: () -> GrantID, by credential: Credential, at now: Timestamp
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try Self.checkName(name, field: "name")
        let everything = try Self.prefixes(of: name)
        if let project = projects[name] {
            // One's own request again; another's project is not told of.
            if let key, project.requestKey == key { return [] }
            if level(credential, on: everything[0]) > .deny { throw .exists("a project '\(name)'") }
        }
        do {
            let resource = try Self.projects
            guard level(credential, on: resource) >= .write else {
                throw DirectoryRefusal.needs(.write, on: resource, of: credential)
            }
        } catch let error as DirectoryRefusal {
            throw error
        } catch {
            throw .invalid(field: "name", "\(error)")
        }
        guard projects[name] == nil else { throw .exists("a project '\(name)'") }
        guard projects.count < limits.projects else {
            throw .full("there are \(limits.projects) projects already")
        }
        let maker = credential.principal.description
        var changes: [DirectoryChange] = [
            .putProject(Project(name: name, createdAt: now, createdBy: maker, requestKey: key))
        ]
        guard !credential.isLocalAdministrator else { return changes }
        for resource in everything {
            changes.append(
                .addGrant(
                    GrantRecord(
                        id: grantIDs(), grant: Grant(credential.principal, .manage, on: resource),
                        createdAt: now, createdBy: maker)))
        }
        return changes
    }

    /// Removes a project, and what was granted in it: a later one of its name begins with nothing. That it is empty is for those
    /// who keep things in it to say.
    public func removeProject(
        _ name: String, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        let everything = try Self.prefixes(of: name)
        guard projects[name] != nil, everything.contains(where: { level(credential, on: $0) > .deny }) else {
            throw .notFound("project '\(name.prefix(80))'")
        }
        for resource in everything { try requireManaged(resource, by: credential) }
        guard name != Project.standard else {
            throw .conflict("the project 'default' is always there", hint: "remove what is in it instead")
        }
        let granted = grants.values.filter { record in
            everything.contains { $0.contains(record.grant.resource) }
        }
        return granted.sorted { $0.id < $1.id }.map { .removeGrant($0) } + [.removeProject(name)]
    }

    /// All that is in a project: a prefix for each kind of thing.
    public static func prefixes(of project: String) throws(DirectoryRefusal) -> [ResourceURI] {
        var prefixes: [ResourceURI] = []
        for scheme in ResourceURI.Scheme.allCases where scheme != .node {
            do {
                prefixes.append(try ResourceURI(scheme, ["local", "default", project]))
            } catch {
                throw .invalid(field: "project", error.message)
            }
        }
        return prefixes
    }
}
