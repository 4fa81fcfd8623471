import Core
import EventLoops
import Glibc
import Testing

struct ListenerTests {
    @Test func `port 0 becomes the port that the kernel chose`() async throws {
        try await withLoops { group in
            let listener = try await Listener.listening(
                on: .tcp(host: "127.0.0.1", port: 0), loop: group.loops[0])
            guard case .tcp("127.0.0.1", let port) = listener.address else {
                Issue.record("not \(listener.address)")
                return
            }
            #expect(port > 0)
            await listener.close()
        }
    }

    @Test func `a busy port is an error that names the address and what to try`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let first = try await Listener.listening(on: .tcp(host: "127.0.0.1", port: 0), loop: loop)
            do {
                _ = try await Listener.listening(on: first.address, loop: loop)
                Issue.record("the port was taken twice")
            } catch let error as ApolloError {
                #expect(error.kind == .conflict)
                #expect(error.message == "cannot listen on \(first.address): Address already in use")
                #expect(error.hint?.contains("choose another port") == true)
            }
            await first.close()
        }
    }

    @Test func `no connection is overlooked when a task of another loop accepts`() async throws {
        try await withLoops(3) { group in
            let listener = try await Listener.listening(
                on: .tcp(host: "127.0.0.1", port: 0), loop: group.loops[0])
            let acceptor = group.loops[1].spawn {
                // Closed again at once, which is what the client waits for.
                while (try? await listener.accept().peer) != nil {}
            }
            let loop = group.loops[2]
            // On a loop of its own: the tests share a pool in which each of its hops would wait behind theirs.
            try await withTaskExecutorPreference(loop) {
                // One in some thousands was overlooked once. As many as a few seconds allow: a slow machine tries fewer.
                let end = loop.instant.advanced(by: .seconds(4))
                var count = 0
                while count < 20_000, count < 500 || loop.instant < end {
                    let client = try await StreamSocket.connecting(to: listener.address, on: loop)
                    #expect(try await client.read(within: .seconds(40)) == nil)
                    await client.close()
                    count += 1
                }
            }
            await listener.close()
            await acceptor.value
        }
    }

    @Test func `an address that is not this machine's is refused`() async throws {
        try await withLoops { group in
            do {
                _ = try await Listener.listening(on: .tcp(host: "192.0.2.1", port: 0), loop: group.loops[0])
                Issue.record("listened on a documentation address")
            } catch let error as ApolloError {
                #expect(error.kind == .invalid)
                #expect(error.hint != nil)
            }
        }
    }

    @Test func `a unix socket is for its user alone and leaves no file`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            try await withLoops { group in
                let listener = try await Listener.listening(on: .unix(path: path), loop: group.loops[0])
                var status = stat()
                #expect(stat(path, &status) == 0)
                #expect(status.st_mode & 0o777 == 0o600)
                await listener.close()
                #expect(stat(path, &status) != 0)
            }
        }
    }

    @Test func `a socket file that nobody listens on is replaced, a live one and a plain file are not`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            try await withLoops { group in
                let loop = group.loops[0]
                // What a killed process leaves: a bound file and nobody behind it.
                let abandoned = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
                let bound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(abandoned, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                    }
                }
                try #require(bound == 0)
                close(abandoned)

                let listener = try await Listener.listening(on: .unix(path: path), loop: loop)
                await #expect(throws: ApolloError.self) {
                    _ = try await Listener.listening(on: .unix(path: path), loop: loop)
                }
                await listener.close()

                let plain = "\(directory)/plain"
                close(open(plain, O_CREAT | O_WRONLY, 0o600))
                await #expect(throws: ApolloError.self) {
                    _ = try await Listener.listening(on: .unix(path: plain), loop: loop)
                }
                #expect(access(plain, F_OK) == 0)
            }
        }
    }

    @Test func `a path that is too long is refused`() async throws {
        try await withLoops { group in
            let path = "/tmp/" + String(repeating: "x", count: 200)
            do {
                _ = try await Listener.listening(on: .unix(path: path), loop: group.loops[0])
                Issue.record("it was taken")
            } catch let error as ApolloError {
                #expect(error.kind == .invalid)
            }
        }
    }

    @Test(arguments: ["127.0.0.1:7070", "[::1]:80", "localhost:0", "unix:/run/apollo.sock"])
    func `an address is read as it is written`(text: String) throws {
        let address = try #require(SocketAddress(parsing: text))
        #expect(address.description == text)
    }

    @Test(arguments: ["", "7070", ":80", "::1:80", "host:", "host:65536", "host:-1", "unix:"])
    func `what is not an address is refused`(text: String) {
        #expect(SocketAddress(parsing: text) == nil)
    }
}
