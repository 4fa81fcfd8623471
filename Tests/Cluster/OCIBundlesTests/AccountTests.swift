import Testing

@testable import OCIBundles

struct AccountTests {
    private let passwd = """
        root:x:0:0:root:/root:/bin/sh
        app:x:1000:1001::/srv/app:/bin/sh
        broken:x:one:two
        # a remark
        """
    private let group = """
        root:x:0:
        app:x:1001:
        audio:x:29:app,other
        video:x:44:other
        staff:x:1001:app
        """

    private func find(_ text: String) throws(BundleError) -> ContainerAccount {
        try ContainerAccount.find(text, passwd: passwd, group: group)
    }

    @Test func `a name has its numbers, its groups and its home`() throws {
        #expect(try find("app") == ContainerAccount(user: 1000, group: 1001, groups: [29], home: "/srv/app"))
        #expect(try find("root") == ContainerAccount(user: 0, group: 0, groups: [], home: "/root"))
    }

    @Test func `a number needs no entry, and has its group where there is one`() throws {
        #expect(try find("1000").group == 1001)
        #expect(try find("77") == ContainerAccount(user: 77, group: 0))
    }

    @Test func `a named group takes the place of all the user has`() throws {
        #expect(
            try find("app:video") == ContainerAccount(user: 1000, group: 44, groups: [], home: "/srv/app"))
        #expect(try find("5:6") == ContainerAccount(user: 5, group: 6))
    }

    @Test(arguments: ["", ":0", "nobody", "broken", "-1", "4294967295", "0x10"])
    func `what is no user is refused`(_ text: String) {
        #expect(throws: BundleError.self) { try find(text) }
    }

    @Test(arguments: ["app:", "app:nobody", "app:4294967295"])
    func `what is no group is refused`(_ text: String) {
        #expect(throws: BundleError.self) { try find(text) }
    }
}
