import Core
import Identity
import Testing

@Suite struct AuthorizerTests {
    private let ann: Principal
    private let bob: Principal

    init() throws {
        ann = try Principal(parsing: "user://local/ann")
        bob = try Principal(parsing: "user://local/bob")
    }

    private func uri(_ text: String) throws -> ResourceURI { try ResourceURI(parsing: text) }

    @Test func `without a grant nothing is allowed`() throws {
        for authorizer in [Authorizer(), try Authorizer([Grant(ann, .manage, on: uri("task://local"))])] {
            for permission in Permission.allCases {
                #expect(try !authorizer.allows(bob, permission, on: uri("task://local/o/p/web")))
                #expect(try !authorizer.allows(ann, permission, on: uri("job://local/o/p/web")))
                #expect(try !authorizer.allows(ann, permission, on: uri("task://other/o/p/web")))
            }
        }
    }

    @Test(arguments: Permission.allCases)
    func `a grant allows its level and those below`(_ granted: Permission) throws {
        let authorizer = try Authorizer([Grant(ann, granted, on: uri("task://local/o"))])
        for asked in Permission.allCases {
            let expected = asked != .deny && asked <= granted
            for text in ["task://local/o", "task://local/o/p", "task://local/o/p/web"] {
                #expect(try authorizer.allows(ann, asked, on: uri(text)) == expected)
            }
            for text in ["task://local", "task://local/other", "task://local/o2", "task://local/ofoo/p"] {
                #expect(try !authorizer.allows(ann, asked, on: uri(text)))
            }
        }
    }

    @Test func `the highest grant on the way counts`() throws {
        let authorizer = try Authorizer([
            Grant(ann, .write, on: uri("task://local/o")), Grant(ann, .read, on: uri("task://local/o/p")),
            Grant(ann, .manage, on: uri("task://local/o/p/web")),
        ])
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/p/db")) == .write)
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/p/web")) == .manage)
    }

    @Test func `deny outdoes every grant on what is under it, and nothing else`() throws {
        let authorizer = try Authorizer([
            Grant(ann, .manage, on: uri("task://local")), Grant(ann, .deny, on: uri("task://local/o/secret")),
            Grant(ann, .manage, on: uri("task://local/o/secret/web")),
        ])
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/secret")) == .deny)
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/secret/web")) == .deny)
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/p")) == .manage)
    }

    @Test func `a grant that is removed is gone, and one held twice stays until removed twice`() throws {
        let grant = try Grant(ann, .write, on: uri("task://local/o/p"))
        let resource = try uri("task://local/o/p/web")
        var authorizer = Authorizer([grant, grant])
        var isThere: Bool
        isThere = authorizer.remove(grant)
        #expect(isThere)
        #expect(authorizer.allows(ann, .write, on: resource))
        isThere = authorizer.remove(grant)
        #expect(isThere)
        #expect(!authorizer.allows(ann, .list, on: resource))
        isThere = authorizer.remove(grant)
        #expect(!isThere)
        authorizer.add(grant)
        #expect(authorizer.allows(ann, .write, on: resource))
        // Removing one grant leaves those beside, above and below it alone.
        let deeper = try Grant(ann, .read, on: uri("task://local/o/p/web/x"))
        authorizer.add(deeper)
        isThere = authorizer.remove(grant)
        #expect(isThere)
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/p/web/x/y")) == .read)
        isThere = try authorizer.remove(Grant(ann, .read, on: uri("task://local/o/none")))
        #expect(!isThere)
        isThere = try authorizer.remove(Grant(ann, .read, on: uri("task://local/o/p/web")))
        #expect(!isThere)
        #expect(try authorizer.permission(of: ann, on: uri("task://local/o/p/web/x")) == .read)
    }

    @Test func `a refusal names who, what and on what`() throws {
        let resource = try uri("task://local/o/p/web")
        #expect {
            try Authorizer().check(ann, .write, on: resource)
        } throws: { error in
            let error = error as? ApolloError
            return error?.kind == .denied
                && error?.message == "user://local/ann may not write task://local/o/p/web"
        }
        #expect(throws: Never.self) {
            try Authorizer([Grant(ann, .write, on: resource)]).check(ann, .write, on: resource)
        }
    }

    @Test func `the local administrator may do everything on the local cluster`() throws {
        for scheme in ResourceURI.Scheme.allCases {
            let resource = try ResourceURI(scheme, ["local", "default", "default", "x"])
            #expect(Authorizer.embedded.allows(.localAdministrator, .manage, on: resource))
            #expect(!Authorizer.embedded.allows(bob, .list, on: resource))
            let elsewhere = try ResourceURI(scheme, ["other", "default"])
            #expect(!Authorizer.embedded.allows(.localAdministrator, .list, on: elsewhere))
        }
    }

    /// The trie against the definition, on small worlds where grants collide.
    @Test func `it decides as the definition does`() throws {
        var random = SeededGenerator(seed: 2)
        let names = ["a", "b", "ab"]
        func randomURI() throws -> ResourceURI {
            let depth = Int.random(in: 1...4, using: &random)
            return try ResourceURI(
                [.task, .job].randomElement(using: &random)!,
                (0..<depth).map { _ in names.randomElement(using: &random)! })
        }
        for _ in 0..<300 {
            var grants: [Grant] = []
            var authorizer = Authorizer()
            for _ in 0..<20 {
                let grant = Grant(
                    Bool.random(using: &random) ? ann : bob,
                    Permission.allCases.randomElement(using: &random)!,
                    on: try randomURI())
                if let index = grants.firstIndex(of: grant), Bool.random(using: &random) {
                    grants.remove(at: index)
                    let isThere = authorizer.remove(grant)
                    #expect(isThere)
                } else {
                    grants.append(grant)
                    authorizer.add(grant)
                }
            }
            for _ in 0..<30 {
                let resource = try randomURI()
                let held = grants.filter { $0.subject == .principal(ann) && $0.resource.contains(resource) }
                    .map(
                        \.permission)
                let expected = held.contains(.deny) ? .deny : held.max() ?? .deny
                #expect(authorizer.permission(of: ann, on: resource) == expected)
                let inside = grants.filter { resource.contains($0.resource) }
                if inside.contains(where: { $0.resource != resource }) {
                    #expect(authorizer.mayHaveGrants(below: resource))
                } else if Set(inside.map(\.subject)).count == inside.count {
                    #expect(!authorizer.mayHaveGrants(below: resource))
                }
            }
        }
    }
}
