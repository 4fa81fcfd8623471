public import Core
public import Identity

extension DirectoryCore {
    /// Makes a role, which holds nothing yet.
    public func createRole(
        _ name: RoleName, key: String?, by credential: Credential, at now: Timestamp
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requireManaged(try Self.resource(of: name), by: credential)
        try Self.checkName(name.text, field: "name")
        // A role's URI and an organisation's look alike: what is granted on one must not count for the other.
        guard name.text != Project.standard else {
            throw .invalid(field: "name", "'\(Project.standard)' is the name of the organisation")
        }
        if let role = roles[name] {
            if let key, role.requestKey == key { return [] }
            throw .exists("a role '\(name)'")
        }
        guard roles.count < limits.roles else { throw .full("there are \(limits.roles) roles already") }
        return [
            .putRole(
                Role(name: name, createdAt: now, createdBy: credential.principal.description, requestKey: key)
            )
        ]
    }

    /// Removes a role: from those who have it, with all it holds.
    public func removeRole(
        _ name: RoleName, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requireManaged(try Self.resource(of: name), by: credential)
        guard !(try role(name).isBuiltIn) else { throw Self.builtIn }
        // Whoever is denied something by the role must not be able to lift that.
        try requireAll(of: .role(name), by: credential)
        var changes: [DirectoryChange] = (members[name] ?? []).map { .unassign(name, $0) }
        changes += held(by: .role(name)).map { .removeGrant($0) }
        changes.append(.removeRole(name))
        try requireAdministrator(after: changes, by: credential)
        return changes
    }

    /// Gives a user all that the role holds: whoever gives it must manage all that.
    public func assign(
        _ name: RoleName, to user: String, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requireManaged(try Self.resource(of: name), by: credential)
        _ = try role(name)
        try requireAll(of: .role(name), by: credential)
        let principal = try self.user(user).principal
        let held = rolesOf[principal] ?? []
        if held.contains(name) { return [] }
        guard held.count < limits.rolesOfOne else {
            throw .full("\(user) has \(limits.rolesOfOne) roles already")
        }
        return [.assign(name, principal)]
    }

    public func unassign(
        _ name: RoleName, from user: String, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requireManaged(try Self.resource(of: name), by: credential)
        _ = try role(name)
        try requireAll(of: .role(name), by: credential)
        let principal = try self.user(user).principal
        guard rolesOf[principal]?.contains(name) ?? false else {
            throw .notFound("user '\(user)' in role '\(name)'")
        }
        let changes = [DirectoryChange.unassign(name, principal)]
        try requireAdministrator(after: changes, by: credential)
        return changes
    }

    static var builtIn: DirectoryRefusal {
        .conflict("the role 'administrators' cannot be changed", hint: "make a role of your own")
    }

    static func resource(of role: RoleName) throws(DirectoryRefusal) -> ResourceURI {
        do {
            return try role.resource
        } catch {
            throw .invalid(field: "role", error.message)
        }
    }
}
