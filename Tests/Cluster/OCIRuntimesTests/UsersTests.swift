import Core
import OCIBundles
import Testing

@testable import OCIRuntimes

struct SubordinateUsersTests {
    private func found(_ text: String, users: String = "", groups: String = "") -> SubordinateUsers? {
        do throws(ApolloError) {
            return try SubordinateUsers(parsing: text, users: users, groups: groups)
        } catch {
            #expect(error.kind == .invalid)
            return nil
        }
    }

    @Test func `they are a range, or those of a user`() {
        #expect(found("300000:131072") == SubordinateUsers(first: 300_000, count: 131_072))
        let users = "ann:100000:65536\nbox:165536:1000\nbox:300000:65536\n"
        #expect(found("box", users: users, groups: users) == SubordinateUsers(first: 300_000, count: 65_536))
        // Of which the groups have other numbers, or none.
        #expect(found("box", users: users, groups: "box:400000:65536\n") == nil)
        #expect(found("ann", users: users) == nil)
        #expect(found("bob", users: users, groups: users) == nil)
    }

    @Test(arguments: ["", ":", "0:65536", "1000:65535", "4294967000:65536", "-1:65536", "1:2:3"])
    func `too few, root, or more than there are is refused`(_ text: String) {
        #expect(found(text) == nil)
    }

    /// Whether this machine lets us make user namespaces.
    private static let canMap = UserSpace.obstacle(at: "/proc", .usual)?.contains("user namespace") != true

    @Test(.enabled(if: canMap, "user namespaces cannot be made here"), .timeLimit(.minutes(1)))
    func `namespaces that are made at the same time do not wait for each other`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in SubordinateUsers.usual.firsts.prefix(8) {
                group.addTask {
                    for _ in 0..<100 {
                        _ = try UserSpace(.init(host: share, count: SubordinateUsers.each))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `each container has its share`() {
        #expect(Array(SubordinateUsers(first: 300_000, count: 140_000).firsts) == [300_000, 365_536])
        #expect(Array(SubordinateUsers.usual.firsts).count == 4094)
        #expect(Array(SubordinateUsers.usual.firsts).last == UInt32(2_147_287_040))
    }
}
