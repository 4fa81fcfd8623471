public import Core
public import Identity

extension DirectoryCore {
    /// Makes a user, who may nothing yet.
    ///
    /// - Parameter kind: a person, or a service, which has no password.
    public func createUser(
        _ name: String, kind: Principal.Kind, passwordHash: String?, key: String?, by credential: Credential,
        at now: Timestamp
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requireManaged(Self.people, by: credential)
        try Self.checkName(name, field: "name")
        guard kind != .node else {
            throw .invalid(field: "kind", "must be user or service: nodes join by themselves")
        }
        guard kind == .user || passwordHash == nil else {
            throw .invalid(field: "password", "a service has none: make it a token")
        }
        guard name != Principal.localAdministrator.name else {
            throw .exists("the administrator of this machine, whose name 'admin' is")
        }
        if let user = users[name] {
            // The same request again gives what the first one made.
            if let key, user.requestKey == key { return [] }
            throw .exists("a user '\(name)'")
        }
        guard users.count < limits.users else { throw .full("there are \(limits.users) users already") }
        let principal: Principal
        do {
            principal = try Principal(kind, realm: "local", name: name)
        } catch {
            throw .invalid(field: "name", error.message)
        }
        return [
            .putUser(
                User(
                    principal: principal, passwordHash: passwordHash, createdAt: now,
                    createdBy: credential.principal.description, requestKey: key))
        ]
    }

    /// Sets the password. Of another user it takes power over all that the user holds; one's own is for whoever has proved to know
    /// the old one. All that was logged in with the old one is over, but for what asks.
    public func setPassword(
        _ name: String, hash: String, provedOld: Bool, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        let isOwn = credential.principal.name == name && users[name]?.principal == credential.principal
        if !(isOwn && provedOld) { try requirePower(over: name, by: credential) }
        var user = try user(name)
        guard user.principal.kind == .user else {
            throw .conflict("\(name) is a service and has no password", hint: "make it a token")
        }
        user.passwordHash = hash
        user.revision += 1
        let over = tokens(of: user.principal).filter {
            ($0.kind == .login || $0.kind == .session) && $0.id != credential.token
        }
        return [.putUser(user)] + over.map { .removeToken($0) }
    }

    /// The same password under a harder hash.
    public func rehash(_ name: String, from old: String, to new: String) -> [DirectoryChange] {
        guard var user = users[name], user.passwordHash == old else { return [] }
        user.passwordHash = new
        return [.putUser(user)]
    }

    /// Disabling ends browsers' sessions; tokens are worth nothing until the user is enabled again.
    public func setDisabled(
        _ name: String, _ isDisabled: Bool, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        try requirePower(over: name, by: credential)
        var user = try user(name)
        guard user.isDisabled != isDisabled else { return [] }
        user.isDisabled = isDisabled
        user.revision += 1
        var changes: [DirectoryChange] = [.putUser(user)]
        if isDisabled {
            changes += tokens(of: user.principal).filter { $0.kind == .session }.map { .removeToken($0) }
            try requireAdministrator(after: changes, by: credential)
        }
        return changes
    }

    /// Removes a user with all tokens, sessions, grants and roles.
    public func removeUser(_ name: String, by credential: Credential) throws(DirectoryRefusal)
        -> [DirectoryChange]
    {
        try requirePower(over: name, by: credential)
        let principal = try user(name).principal
        var changes: [DirectoryChange] = tokens(of: principal).map { .removeToken($0) }
        changes += held(by: .principal(principal)).map { .removeGrant($0) }
        changes += (rolesOf[principal] ?? []).sorted().map { .unassign($0, principal) }
        changes.append(.removeUser(principal))
        try requireAdministrator(after: changes, by: credential)
        return changes
    }

    /// The machine's own administrator is no user that can be changed; others are, by those with power over them.
    private func requirePower(over name: String, by credential: Credential) throws(DirectoryRefusal) {
        guard name != Principal.localAdministrator.name else {
            throw .conflict(
                "'admin' is the administrator of this machine, who is always there",
                hint:
                    "its token is the file admin.token in the data directory: remove it and start again for a new one"
            )
        }
        // Before the user is looked up: strangers do not learn who there is.
        guard level(credential, on: Self.people) == .manage else {
            throw .needs(.manage, on: Self.people, of: credential)
        }
        try requirePower(over: try user(name).principal, by: credential)
    }
}
