import Core
import Cryptography
import Identity
import Testing

@Suite struct ScopeTests {
    private let now = Timestamp(microseconds: 1_700_000_000_000_000)
    private let ann: Principal
    private let all: ResourceURI
    private let web: ResourceURI

    init() throws {
        ann = try Principal(parsing: "user://local/ann")
        all = try ResourceURI(parsing: "task://local/default/shop")
        web = try ResourceURI(parsing: "task://local/default/shop/web")
    }

    private func access(
        _ scope: TokenScope, _ grants: [Grant], projects: Set<String>? = ["default", "shop", "bank"]
    )
        throws -> (AccessControl, Credential)
    {
        let token = try BearerToken.generate()
        let access = AccessControl(
            TokenAuthenticator([StoredToken(hash: token.hash, principal: ann, kind: .personal, scope: scope)]
            ),
            Authorizer(grants))
        access.update { $0.projects = projects }
        return (access, try access.authenticate(authorization: "Bearer \(token.text)", at: now))
    }

    @Test func `a scope only takes away`() throws {
        let (access, credential) = try access(
            TokenScope(permission: .read, resources: [web]), [Grant(ann, .write, on: all)])
        #expect(access.permission(of: credential, on: web) == .read)
        #expect(access.permission(of: credential, on: all) == .deny)
        let (other, powerless) = try self.access(.everything, [])
        #expect(other.permission(of: powerless, on: web) == .deny)
    }

    @Test func `one answer is that of all below where neither a grant nor a scope begins there`() throws {
        let (even, credential) = try access(.everything, [Grant(ann, .write, on: all)])
        #expect(even.isTreatedAlike(credential, below: all) && even.isTreatedAlike(credential, below: web))
        let (denied, hers) = try access(
            .everything, [Grant(ann, .write, on: all), Grant(ann, .deny, on: web)])
        #expect(!denied.isTreatedAlike(hers, below: all) && denied.isTreatedAlike(hers, below: web))
        let narrow = TokenScope(permission: .read, resources: [web])
        let (scoped, limited) = try access(narrow, [Grant(ann, .write, on: all)])
        #expect(!scoped.isTreatedAlike(limited, below: all) && scoped.isTreatedAlike(limited, below: web))
    }

    @Test func `a scope contains what is narrower, and nothing else`() throws {
        let read = TokenScope(permission: .read, resources: [all])
        #expect(TokenScope.everything.contains(read))
        #expect(read.contains(TokenScope(permission: .list, resources: [web])))
        #expect(!read.contains(TokenScope(permission: .write, resources: [web])))
        #expect(!read.contains(.everything))
        #expect(!read.contains(TokenScope(permission: .read, resources: [])))
        #expect(
            try !read.contains(
                TokenScope(permission: .read, resources: [web, ResourceURI(parsing: "task://local/default")]))
        )
    }

    @Test func `a project that is not there and one that is not the caller's look the same`() throws {
        let (access, credential) = try access(.everything, [Grant(ann, .read, on: all)])
        func refusal(_ uri: String) -> ApolloError? {
            do throws(ApolloError) {
                try access.check(credential, .read, on: ResourceURI(parsing: uri))
                return nil
            } catch {
                return error
            }
        }
        var hidden = try #require(refusal("task://local/default/bank/web"))
        let missing = try #require(refusal("task://local/default/nowhere/web"))
        #expect(hidden.kind == .notFound)
        hidden.message = hidden.message.replacingLast("bank", by: "nowhere")
        #expect(hidden == missing)
        // Of a project that one sees, what one may not is said.
        #expect(refusal("secret://local/default/shop/key")?.kind == .denied)
        #expect(refusal("task://local/default/shop/web") == nil)
        #expect(refusal("task://local/default")?.kind == .denied)
        #expect(access.sees(credential, project: "shop") && !access.sees(credential, project: "bank"))
    }

    @Test func `what a role holds, its members hold, until they leave it`() throws {
        let bob = try Principal(parsing: "user://local/bob")
        let role = try RoleName(parsing: "developers")
        var authorizer = Authorizer([Grant(.role(role), .write, on: all)])
        authorizer.assign(role, to: ann)
        authorizer.assign(role, to: ann)
        #expect(authorizer.permission(of: ann, on: web) == .write)
        #expect(authorizer.permission(of: bob, on: web) == .deny)
        authorizer.add(Grant(ann, .deny, on: web))
        #expect(authorizer.permission(of: ann, on: web) == .deny)
        authorizer.unassign(role, from: ann)
        #expect(authorizer.permission(of: ann, on: all) == .deny)
    }

    @Test func `random grants are decided as by reading them all`() throws {
        var random = SeededGenerator(seed: 7)
        let role = try RoleName(parsing: "developers")
        let subjects: [Subject] = [
            .principal(ann), .role(role), .principal(try Principal(parsing: "user://local/bob")),
        ]
        func uri() throws -> ResourceURI {
            let depth = Int.random(in: 1...4, using: &random)
            return try ResourceURI(
                [.task, .job].randomElement(using: &random)!,
                (0..<depth).map { _ in ["a", "b"].randomElement(using: &random)! })
        }
        var held: [Grant] = []
        var authorizer = Authorizer()
        authorizer.assign(role, to: ann)
        for _ in 0..<3000 {
            if let grant = held.randomElement(using: &random), Bool.random(using: &random) {
                held.remove(at: held.firstIndex(of: grant)!)
                let wasThere = authorizer.remove(grant)
                #expect(wasThere)
            } else {
                let grant = Grant(
                    subjects.randomElement(using: &random)!,
                    Permission.allCases.randomElement(using: &random)!,
                    on: try uri())
                held.append(grant)
                authorizer.add(grant)
            }
            let asked = try uri()
            let on = held.filter { ($0.subject != subjects[2]) && $0.resource.contains(asked) }.map(
                \.permission)
            let expected = on.contains(.deny) ? .deny : on.max() ?? .deny
            #expect(authorizer.permission(of: ann, on: asked) == expected)
        }
    }
}

extension String {
    fileprivate func replacingLast(_ word: String, by other: String) -> String {
        split(separator: "'").count > 1
            ? split(separator: "'", omittingEmptySubsequences: false)
                .map { $0 == word ? other : String($0) }.joined(separator: "'") : self
    }
}
