import Benchmarks
import Concurrency
import Core
import Identity

/// What it costs to ask whether somebody may do something, with as many grants as a large team has.
enum IdentityCheckCase {
    private static let users = 1000
    private static let checks = 200_000

    static let benchmark = Case(
        "identity-check", unit: "ns", better: .lower,
        note: "one check by AccessControl with 100,000 grants of 1000 users, each with 3 roles besides"
    ) { _ in
        let (access, credentials, resources) = try prepare()
        return Contest(ours: {
            let clock = LiveClock()
            var allowed = 0
            let start = clock.now
            for index in 0..<checks {
                let user = index % users
                if access.allows(
                    credentials[user], .read, on: resources[(user * 7 + index) % resources.count])
                {
                    allowed += 1
                }
            }
            let time = start.duration(to: clock.now)
            precondition(allowed > 0 && allowed < checks, "the grants allow some, not all")
            return Double(time.inNanoseconds) / Double(checks)
        })
    }

    private static func prepare() throws -> (AccessControl, [Credential], [ResourceURI]) {
        let now = Timestamp(microseconds: 0)
        var authorizer = Authorizer.embedded
        var tokens: [StoredToken] = []
        var secrets: [BearerToken] = []
        let roles = try (0..<50).map { try RoleName(parsing: "role-\($0)") }
        let resources = try (0..<1000).map {
            try ResourceURI(.task, ["local", "default", "project-\($0 % 100)", "task-\($0)"])
        }
        for role in roles.indices {
            for index in 0..<200 {
                authorizer.add(
                    Grant(.role(roles[role]), .read, on: resources[(role * 31 + index * 3) % resources.count])
                )
            }
        }
        for user in 0..<users {
            let principal = try Principal(.user, realm: "local", name: "user-\(user)")
            for index in 0..<90 {
                authorizer.add(
                    Grant(principal, .write, on: resources[(user * 13 + index * 11) % resources.count]))
            }
            for index in 0..<3 { authorizer.assign(roles[(user + index * 17) % roles.count], to: principal) }
            let secret = try BearerToken.generate()
            secrets.append(secret)
            tokens.append(StoredToken(hash: secret.hash, principal: principal, kind: .login))
        }
        let access = AccessControl(TokenAuthenticator(tokens), authorizer)
        access.update { $0.projects = Set((0..<100).map { "project-\($0)" }) }
        let credentials = try secrets.map {
            try access.authenticate(authorization: "Bearer \($0.text)", at: now)
        }
        return (access, credentials, resources)
    }
}
