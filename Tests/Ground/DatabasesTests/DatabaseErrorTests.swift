import Core
import Databases
import Testing

@Suite struct DatabaseErrorTests {
    @Test(arguments: [
        (DatabaseError.Kind.busy, ErrorKind.unavailable), (.constraint(.unique), .exists),
        (.constraint(.foreignKey), .conflict), (.constraint(.check), .invalid), (.full, .exhausted),
        (.overloaded, .exhausted), (.readOnly, .unavailable), (.corrupt, .corrupt), (.deadline, .deadline),
        (.schemaTooNew(found: 2, known: 1), .unavailable), (.statement, .internal),
    ])
    func `each kind becomes one of everyone's`(_ kind: DatabaseError.Kind, _ expected: ErrorKind) {
        let error = DatabaseError(kind, "it failed", hint: "try this").asApolloError
        #expect(error.kind == expected)
        #expect(error.message == "it failed")
        #expect(error.hint == "try this")
    }

    @Test func `a checksum tells where one statement ends and the next begins`() {
        let checksums = [
            Migration(1, "a", ["ab", "c"]), Migration(1, "a", ["a", "bc"]), Migration(1, "a", ["abc"]),
        ].map(\.checksum)
        #expect(Set(checksums).count == 3)
        #expect(checksums.allSatisfy { $0.count == 16 })
    }
}
