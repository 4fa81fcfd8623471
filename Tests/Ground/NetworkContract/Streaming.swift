import Core
import Networking

extension NetworkSuite {
    static let streaming: [Case] = [
        Case("bytes come in order and each once") { fixture in
            let (client, server) = try await fixture.pair()
            let bytes = pattern(1 << 20)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var offset = 0
                    var size = 1
                    while offset < bytes.count {
                        let end = min(bytes.count, offset + size)
                        try await client.write(Array(bytes[offset..<end]), before: fixture.soon)
                        offset = end
                        size = size * 3 % 100_003 + 1
                    }
                    try await client.finish()
                }
                var received: [UInt8] = []
                while true {
                    let more = try await server.read(upTo: 50_000, before: fixture.soon)
                    try expect(more.count <= 50_000, "a read of 50,000 returned \(more.count)")
                    if more.isEmpty { break }
                    received += more
                }
                try await group.waitForAll()
                try expect(received == bytes, "\(received.count) bytes came, or others than were sent")
            }
            client.close()
            server.close()
        },
        Case("both sides send at the same time") { fixture in
            let (client, server) = try await fixture.pair()
            let bytes = pattern(600_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for stream in [client, server] {
                    group.addTask { try await stream.write(bytes, before: fixture.soon) }
                    group.addTask {
                        let received = try await read(bytes.count, from: stream, fixture)
                        try expect(received == bytes, "other bytes came than were sent")
                    }
                }
                try await group.waitForAll()
            }
            client.close()
            server.close()
        },
        Case("writing nothing sends nothing") { fixture in
            let (client, server) = try await fixture.pair()
            try await client.write([], before: fixture.soon)
            try await client.write([7], before: fixture.soon)
            try expect(try await read(1, from: server, fixture) == [7], "something else came")
            client.close()
            server.close()
        },
        Case("a write waits while the other side does not read, up to its deadline") { fixture in
            let (client, server) = try await fixture.pair()
            try await expect(.deadline, of: "a write that nobody reads") {
                try await fill(client, before: fixture.clock.now.advanced(by: .milliseconds(100)))
            }
            client.close()
            server.close()
        },
        Case("a read whose time is over loses nothing") { fixture in
            let (client, server) = try await fixture.pair()
            try await expect(.deadline, of: "a read of nothing") {
                _ = try await server.read(
                    upTo: 10, before: fixture.clock.now.advanced(by: .milliseconds(20)))
            }
            try await client.write([1, 2, 3], before: fixture.soon)
            try expect(try await read(3, from: server, fixture) == [1, 2, 3], "bytes are lost")
            client.close()
            server.close()
        },
        Case("a cancelled read loses nothing") { fixture in
            let (client, server) = try await fixture.pair()
            let error = await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do { _ = try await server.read(upTo: 10, before: fixture.soon) } catch { return error }
                    return nil
                }
                try? await fixture.clock.sleep(for: .milliseconds(20))
                group.cancelAll()
                return await group.next() ?? nil
            }
            try expect(error is CancellationError, "a cancelled read threw \(String(describing: error))")
            try await client.write([1, 2, 3], before: fixture.soon)
            try expect(try await read(3, from: server, fixture) == [1, 2, 3], "bytes are lost")
            client.close()
            server.close()
        },
        Case("a cancelled write ends") { fixture in
            let (client, server) = try await fixture.pair()
            let error = await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do { try await fill(client, before: fixture.soon) } catch { return error }
                    return nil
                }
                try? await fixture.clock.sleep(for: .milliseconds(50))
                group.cancelAll()
                return await group.next() ?? nil
            }
            try expect(error is CancellationError, "a cancelled write threw \(String(describing: error))")
            client.close()
            server.close()
        },
    ]
}
