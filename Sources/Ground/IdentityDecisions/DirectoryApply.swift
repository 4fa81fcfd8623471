import Identity

extension DirectoryCore {
    /// Takes over a change that is stored.
    public mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .putUser(let user): users[user.name] = user
        case .removeUser(let principal): users[principal.name] = nil
        case .putRole(let role): roles[role.name] = role
        case .removeRole(let name):
            roles[name] = nil
            members[name] = nil
        case .assign(let role, let principal):
            members[role, default: []].insert(principal)
            rolesOf[principal, default: []].insert(role)
            authorizer.assign(role, to: principal)
        case .unassign(let role, let principal):
            members[role]?.remove(principal)
            rolesOf[principal]?.remove(role)
            if rolesOf[principal]?.isEmpty ?? false { rolesOf[principal] = nil }
            authorizer.unassign(role, from: principal)
        case .addGrant(let record):
            grants[record.id] = record
            grantsOf[record.grant.subject, default: []].insert(record.id)
            authorizer.add(record.grant)
        case .removeGrant(let record):
            grants[record.id] = nil
            grantsOf[record.grant.subject]?.remove(record.id)
            if grantsOf[record.grant.subject]?.isEmpty ?? false { grantsOf[record.grant.subject] = nil }
            authorizer.remove(record.grant)
        case .putToken(let token):
            tokens[token.id] = token
            tokensOf[token.principal, default: []].insert(token.id)
        case .removeToken(let token):
            tokens[token.id] = nil
            tokensOf[token.principal]?.remove(token.id)
            if tokensOf[token.principal]?.isEmpty ?? false { tokensOf[token.principal] = nil }
        case .putProject(let project): projects[project.name] = project
        case .removeProject(let name): projects[name] = nil
        }
    }
}
