/// A permission of a principal, or of all who have a role, on a resource and all that is under it.
public struct Grant: Hashable, Sendable {
    public var subject: Subject
    public var permission: Permission
    public var resource: ResourceURI

    public init(_ subject: Subject, _ permission: Permission, on resource: ResourceURI) {
        self.subject = subject
        self.permission = permission
        self.resource = resource
    }

    public init(_ principal: Principal, _ permission: Permission, on resource: ResourceURI) {
        self.init(.principal(principal), permission, on: resource)
    }
}
