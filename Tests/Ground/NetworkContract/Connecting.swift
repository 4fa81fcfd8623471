import Core
import Networking

extension NetworkSuite {
    static let connecting: [Case] = [
        Case("a listener on port 0 says which port it has") { fixture in
            let first = try await fixture.listen()
            let second = try await fixture.listen()
            try expect(first.address.port != 0, "the port is 0")
            try expect(first.address != second.address, "two listeners have \(first.address)")
            first.close()
            second.close()
        },
        Case("an address that is in use is refused") { fixture in
            let listener = try await fixture.listen()
            try await expect(.conflict, of: "listening twice") {
                try await fixture.server.listen(on: listener.address).close()
            }
            listener.close()
        },
        Case("an address of another machine is refused") { fixture in
            try await expect(.invalid, of: "listening elsewhere") {
                // 192.0.2.0/24 is nobody's (RFC 5737).
                try await fixture.server.listen(on: NetworkAddress(host: "192.0.2.1", port: 0)).close()
            }
        },
        Case("where nothing listens a connection is refused") { fixture in
            let listener = try await fixture.listen()
            listener.close()
            try await expect(.unavailable, of: "connecting") {
                for _ in 0..<100 {
                    try await fixture.connect(to: listener).close()
                    try await fixture.clock.sleep(for: .milliseconds(10))
                }
            }
        },
        Case("a closed listener ends accepting and leaves the accepted alone") { fixture in
            let listener = try await fixture.listen()
            let client = try await fixture.connect(to: listener)
            guard let server = try await listener.accept() else { throw Violation("no connection came") }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { try await listener.accept() == nil }
                try await fixture.clock.sleep(for: .milliseconds(20))
                listener.close()
                for try await hasEnded in group { try expect(hasEnded, "accept returned a connection") }
            }
            try await client.write([1, 2, 3], before: fixture.soon)
            try expect(try await read(3, from: server, fixture) == [1, 2, 3], "the connection is broken")
            client.close()
            server.close()
        },
        Case("a cancelled accept ends and the next one gets the connection") { fixture in
            let listener = try await fixture.listen()
            let error = await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do { _ = try await listener.accept() } catch { return error }
                    return nil
                }
                try? await fixture.clock.sleep(for: .milliseconds(20))
                group.cancelAll()
                return await group.next() ?? nil
            }
            try expect(error is CancellationError, "a cancelled accept threw \(String(describing: error))")
            let client = try await fixture.connect(to: listener)
            let server = try await listener.accept()
            try expect(server != nil, "no connection came")
            client.close()
            server?.close()
            listener.close()
        },
        Case("many connect at once and each has its own stream") { fixture in
            let listener = try await fixture.listen()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await withThrowingTaskGroup(of: Void.self) { streams in
                        for _ in 0..<40 {
                            guard let stream = try await listener.accept() else { return }
                            streams.addTask {
                                let bytes = try await read(2, from: stream, fixture)
                                try await stream.write(bytes.reversed(), before: fixture.soon)
                                stream.close()
                            }
                        }
                        try await streams.waitForAll()
                    }
                }
                for number: UInt8 in 0..<40 {
                    group.addTask {
                        let stream = try await fixture.connect(to: listener)
                        try await stream.write([number, 200], before: fixture.soon)
                        let answer = try await read(3, from: stream, fixture)
                        try expect(answer == [200, number], "\(number) got \(answer)")
                        stream.close()
                    }
                }
                try await group.waitForAll()
            }
            listener.close()
        },
    ]
}
