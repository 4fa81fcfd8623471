public import Identity

/// One change of who there is and what they may: what is stored, and told to ``AccessControl``.
public enum DirectoryChange: Hashable, Sendable {
    case putUser(User)
    case removeUser(Principal)
    case putRole(Role)
    case removeRole(RoleName)
    case assign(RoleName, Principal)
    case unassign(RoleName, Principal)
    case addGrant(GrantRecord)
    case removeGrant(GrantRecord)
    case putToken(TokenRecord)
    case removeToken(TokenRecord)
    case putProject(Project)
    case removeProject(String)
}

extension AccessControl.State {
    /// Takes over a change.
    public mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .putUser(let user): authenticator.setDisabled(user.principal, user.isDisabled)
        case .removeUser(let principal): authenticator.setDisabled(principal, false)
        case .assign(let role, let principal): authorizer.assign(role, to: principal)
        case .unassign(let role, let principal): authorizer.unassign(role, from: principal)
        case .addGrant(let record): authorizer.add(record.grant)
        case .removeGrant(let record): authorizer.remove(record.grant)
        case .putToken(let token): authenticator.add(token.stored)
        case .removeToken(let token): authenticator.revoke(token.hash)
        case .putProject(let project): projects = (projects ?? []).union([project.name])
        case .removeProject(let name): projects?.remove(name)
        case .putRole, .removeRole: break
        }
    }
}
