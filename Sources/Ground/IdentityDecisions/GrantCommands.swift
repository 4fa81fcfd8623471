public import Core
public import Identity

extension DirectoryCore {
    /// Grants something on what the one who grants manages. What is granted already stays as it is.
    public func addGrant(
        _ id: GrantID, _ grant: Grant, by credential: Credential, at now: Timestamp
    ) throws(DirectoryRefusal) -> (GrantRecord, [DirectoryChange]) {
        try requireManaged(grant.resource, by: credential)
        try checkSubject(grant.subject, by: credential)
        // Whoever asked may have done so before the project was removed: a later one of its name begins with nothing.
        if let project = grant.resource.project, projects[project] == nil {
            throw .notFound("project '\(project)'")
        }
        if let same = held(by: grant.subject).first(where: { $0.grant == grant }) { return (same, []) }
        guard grants.count < limits.grants else { throw .full("there are \(limits.grants) grants already") }
        let record = GrantRecord(
            id: id, grant: grant, createdAt: now, createdBy: credential.principal.description)
        let changes = [DirectoryChange.addGrant(record)]
        if grant.permission == .deny { try requireAdministrator(after: changes, by: credential) }
        return (record, changes)
    }

    /// Takes a grant back.
    public func removeGrant(_ id: GrantID, by credential: Credential) throws(DirectoryRefusal)
        -> [DirectoryChange]
    {
        guard let record = grants[id], isVisible(record, to: credential) else {
            throw .notFound("grant \(id)")
        }
        guard record.grant.subject != .role(.administrators) else { throw Self.builtIn }
        try requireManaged(record.grant.resource, by: credential)
        if case .role(let name) = record.grant.subject {
            try requireManaged(try Self.resource(of: name), by: credential)
        }
        let changes = [DirectoryChange.removeGrant(record)]
        try requireAdministrator(after: changes, by: credential)
        return changes
    }

    /// Whether somebody may know of a grant: their own, and those on what they manage.
    public func isVisible(_ record: GrantRecord, to credential: Credential) -> Bool {
        switch record.grant.subject {
        case .principal(credential.principal): return true
        case .role(let name) where rolesOf[credential.principal]?.contains(name) ?? false: return true
        default: return level(credential, on: record.grant.resource) == .manage
        }
    }

    private func checkSubject(_ subject: Subject, by credential: Credential) throws(DirectoryRefusal) {
        switch subject {
        case .principal(.localAdministrator):
            throw .conflict(
                "'admin' has every right already, and keeps it", hint: "grant it to somebody else")
        case .principal(let principal):
            guard users[principal.name]?.principal == principal else {
                throw .notFound("user '\(principal.name)'")
            }
        case .role(let name):
            guard !(try role(name).isBuiltIn) else { throw Self.builtIn }
            try requireManaged(try Self.resource(of: name), by: credential)
        }
    }
}
