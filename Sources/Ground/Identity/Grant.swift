/// A permission of a principal on a resource and all that is under it.
public struct Grant: Hashable, Sendable, Codable {
    public var principal: Principal
    public var permission: Permission
    public var resource: ResourceURI

    public init(_ principal: Principal, _ permission: Permission, on resource: ResourceURI) {
        self.principal = principal
        self.permission = permission
        self.resource = resource
    }
}
