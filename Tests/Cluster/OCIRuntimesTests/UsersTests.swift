import ClusterModel
import Core
import Glibc
import OCIBundles
import TaskRuntimes
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

/// Several platforms on one machine.
struct UserSharesTests {
    /// A platform with containers in a directory of its own, that tells others of them in one that they share.
    private final class Platform {
        private(set) var settings: OCISettings
        private(set) var shares: UserShares

        init(_ directory: String, _ name: String, users: SubordinateUsers) {
            settings = OCISettings(directory: "\(directory)/\(name)", launcher: [])
            settings.roots = "\(directory)/run"
            settings.subordinates = users
            shares = UserShares(settings)
        }

        func restart() { shares = UserShares(settings) }

        func files(_ number: UInt64) throws -> ContainerFiles {
            let files = ContainerFiles(
                settings: settings, attempt: AttemptID(time: Timestamp(microseconds: 0), random: number))
            try files.make()
            return files
        }

        func start(_ number: UInt64) throws -> UInt32 { try shares.claim(files(number)).host }

        func end(_ number: UInt64) throws {
            let files = ContainerFiles(
                settings: settings, attempt: AttemptID(time: Timestamp(microseconds: 0), random: number))
            try files.remove()
            shares.release(files)
        }

        /// As if its data had been removed.
        func vanish() throws { try DirectoryTree.remove(settings.directory) }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-users-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            // What a test has left there.
            try? DirectoryTree.remove(directory)
        }
        try body(directory)
    }

    @Test func `none takes what a container of another has`() throws {
        try withDirectory { directory in
            let users = SubordinateUsers(first: 300_000, count: 4 * 65_536)
            let (one, two) = (
                Platform(directory, "one", users: users), Platform(directory, "two", users: users)
            )
            #expect(try one.start(1) == 300_000)
            #expect(try two.start(1) == 365_536)
            #expect(try one.start(2) == 431_072)
            // Started again it has the same, and so it has after a restart of its platform.
            #expect(try one.start(1) == 300_000)
            one.restart()
            two.restart()
            #expect(try two.start(1) == 365_536)
            #expect(try one.start(3) == 496_608)
            #expect(throws: RuntimeError.self) { _ = try two.start(2) }
            try one.end(1)
            #expect(try two.start(2) == 300_000)
            // A platform that is gone has nothing any more.
            try two.vanish()
            #expect(try one.start(4) == 300_000)
            #expect(try one.start(5) == 365_536)
        }
    }

    @Test func `ranges that overlap otherwise are told apart, too`() throws {
        try withDirectory { directory in
            let one = Platform(directory, "one", users: SubordinateUsers(first: 300_000, count: 65_536))
            let two = Platform(directory, "two", users: SubordinateUsers(first: 250_000, count: 4 * 65_536))
            let (first, second) = (try one.start(1), try two.start(1))
            #expect(first == 300_000 && second == 250_000 + 2 * 65_536)
        }
    }

    @Test func `what a version before has given is written down when it is found`() throws {
        try withDirectory { directory in
            let users = SubordinateUsers(first: 300_000, count: 2 * 65_536)
            let (one, two) = (
                Platform(directory, "one", users: users), Platform(directory, "two", users: users)
            )
            let before = try one.files(1)
            try before.write(Array("300000\n".utf8), to: before.users)
            #expect(try one.start(2) == 365_536)
            #expect(throws: RuntimeError.self) { _ = try two.start(1) }
        }
    }
}
