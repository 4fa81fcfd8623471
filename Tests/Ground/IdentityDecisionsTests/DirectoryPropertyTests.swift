import Core
import Cryptography
import Identity
import IdentityDecisions
import Testing

/// Random commands by users who are no administrators: whatever they do together, none of them comes to more than all of them
/// held at the start.
@Suite struct DirectoryPropertyTests {
    private let now = Timestamp(microseconds: 1_700_000_000_000_000)
    private static let names = ["ann", "bob", "cat"]
    private static let paths = [
        "task://local/default/a", "task://local/default/a/x", "task://local/default/b",
        "secret://local/default/a",
        "node://local", "role://local", "role://local/dev", "role://local/ops", "role://local/default",
        "task://local",
    ]

    private struct World {
        var core = DirectoryCore()
        var random: SeededNumbers
        var serial: UInt64 = 0
        let now: Timestamp

        mutating func id<Kind>(_: Kind.Type = Kind.self) -> Identifier<Kind> {
            serial += 1
            return Identifier(time: now, random: serial)
        }

        mutating func pick<Element>(_ all: [Element]) -> Element {
            all[Int(random.next() % UInt64(all.count))]
        }

        mutating func apply(_ changes: [DirectoryChange]) { for change in changes { core.apply(change) } }

        mutating func credential(of name: String, _ scope: TokenScope = .everything) throws -> Credential {
            let secret = try BearerToken.generate()
            let token = TokenRecord(
                id: id(), hash: secret.hash, principal: try Principal(.user, realm: "local", name: name),
                kind: .login, note: "", scope: scope, createdAt: now,
                expires: now.advanced(by: .seconds(1000)))
            let authenticator = TokenAuthenticator([token.stored])
            return try authenticator.authenticate(authorization: "Bearer \(secret.text)", at: now)
        }
    }

    private func world(_ seed: UInt64) throws -> World {
        var world = World(random: SeededNumbers(seed), now: now)
        let admin = Credential.administrator
        for name in Self.names {
            world.apply(
                try world.core.createUser(name, kind: .user, passwordHash: nil, key: nil, by: admin, at: now))
        }
        for project in ["a", "b"] {
            world.apply([.putProject(Project(name: project, createdAt: now, createdBy: "admin"))])
        }
        for role in ["dev", "ops"] {
            world.apply(try world.core.createRole(RoleName(parsing: role), key: nil, by: admin, at: now))
        }
        // Some start, with denials in it, for users and roles.
        for _ in 0..<8 {
            let subject: Subject =
                world.random.next() % 3 == 0
                ? .role(try RoleName(parsing: world.pick(["dev", "ops"])))
                : .principal(try Principal(.user, realm: "local", name: world.pick(Self.names)))
            let grant = Grant(
                subject, world.pick([.deny, .read, .write, .manage, .manage]),
                on: try ResourceURI(
                    parsing: world.pick(Self.paths.filter { $0 != "node://local" && $0 != "task://local" })))
            let id = world.id(GrantKind.self)
            world.apply(try world.core.addGrant(id, grant, by: admin, at: now).1)
        }
        for name in Self.names where world.random.next() % 2 == 0 {
            world.apply(
                try world.core.assign(RoleName(parsing: world.pick(["dev", "ops"])), to: name, by: admin))
        }
        return world
    }

    private func levels(_ world: inout World) throws -> [String: [Permission]] {
        var levels: [String: [Permission]] = [:]
        for name in Self.names {
            let credential = try world.credential(of: name)
            levels[name] = try Self.paths.map {
                world.core.level(credential, on: try ResourceURI(parsing: $0))
            }
        }
        return levels
    }

    /// Which places somebody manages at the start, with nothing denied under them: only these can come to have more.
    private func managed(_ world: inout World) throws -> [ResourceURI] {
        var managed: [ResourceURI] = []
        for name in Self.names {
            let credential = try world.credential(of: name)
            managed += try Self.paths.map { try ResourceURI(parsing: $0) }.filter {
                world.core.manages(credential, $0)
            }
        }
        return managed
    }

    @Test(arguments: 0..<60)
    func `no commands of users raise anybody above what one of them managed`(_ seed: Int) throws {
        var world = try world(UInt64(seed))
        let before = try levels(&world)
        let managed = try managed(&world)
        for _ in 0..<150 { try step(&world) }
        let after = try levels(&world)
        for name in Self.names {
            for (index, path) in Self.paths.enumerated() {
                let resource = try ResourceURI(parsing: path)
                guard let was = before[name]?[index], let `is` = after[name]?[index], `is` > was else {
                    continue
                }
                #expect(
                    managed.contains { $0.contains(resource) },
                    "seed \(seed): \(name) came from \(was) to \(`is`) on \(path), which nobody managed")
            }
        }
    }

    private func step(_ world: inout World) throws {
        let name = world.pick(Self.names)
        let scope = world.pick([
            TokenScope.everything, .everything,
            TokenScope(permission: .write, resources: []),
            TokenScope(permission: .manage, resources: [try ResourceURI(parsing: world.pick(Self.paths))]),
        ])
        let actor = try world.credential(of: name, scope)
        let role = try RoleName(parsing: world.pick(["dev", "ops", "new", "administrators"]))
        let user = world.pick(Self.names)
        let principal = try Principal(.user, realm: "local", name: user)
        let resource = try ResourceURI(parsing: world.pick(Self.paths))
        let permission = world.pick(Permission.allCases)
        let (core, id) = (world.core, world.id(GrantKind.self))
        let grants = Array(core.grants.keys).sorted()
        let choice = world.random.next() % 10
        do {
            switch choice {
            case 0, 1:
                world.apply(
                    try core.addGrant(id, Grant(principal, permission, on: resource), by: actor, at: now).1)
            case 2:
                world.apply(
                    try core.addGrant(id, Grant(.role(role), permission, on: resource), by: actor, at: now).1)
            case 3: if !grants.isEmpty { world.apply(try core.removeGrant(world.pick(grants), by: actor)) }
            case 4: world.apply(try core.assign(role, to: user, by: actor))
            case 5: world.apply(try core.unassign(role, from: user, by: actor))
            case 6: world.apply(try core.createRole(role, key: nil, by: actor, at: now))
            case 7: world.apply(try core.removeRole(role, by: actor))
            case 8: world.apply(try core.removeProject("a", by: actor))
            default:
                let secret = try BearerToken.generate()
                let token = TokenRecord(
                    id: world.id(), hash: secret.hash, principal: principal, kind: .personal, note: "",
                    scope: .everything, createdAt: now, expires: now.advanced(by: .seconds(10)))
                _ = try core.createToken(token, by: actor)
                // Whoever can have a token of another could do all that the other may.
                for record in core.held(by: principal) where principal != actor.principal {
                    #expect(core.manages(actor, record.grant.resource))
                }
                #expect(!scope.isLimited)
            }
        } catch is DirectoryRefusal {
            // Most of it is refused.
        }
    }
}

/// SplitMix64.
struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
