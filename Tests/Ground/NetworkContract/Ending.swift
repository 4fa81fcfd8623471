import Core
import Networking

extension NetworkSuite {
    static let ending: [Case] = [
        Case("one side can finish and still read") { fixture in
            let (client, server) = try await fixture.pair()
            try await client.write([1], before: fixture.soon)
            try await client.finish()
            try expect(try await read(5, from: server, fixture) == [1], "something else came")
            try await server.write([2, 3], before: fixture.soon)
            try expect(try await read(2, from: client, fixture) == [2, 3], "the answer is lost")
            server.close()
            try expect(try await read(1, from: client, fixture) == [], "bytes came after the end")
            client.close()
        },
        Case("what was written before a close still comes") { fixture in
            let (client, server) = try await fixture.pair()
            let bytes = pattern(60_000)
            try await client.write(bytes, before: fixture.soon)
            client.close()
            try expect(try await read(70_000, from: server, fixture) == bytes, "bytes are lost")
            server.close()
        },
        Case("writing to one who is gone fails in the end") { fixture in
            let (client, server) = try await fixture.pair()
            server.close()
            try await expect(.unavailable, of: "writing to a closed connection") {
                for _ in 0..<1000 {
                    try await client.write([1], before: fixture.soon)
                    try await fixture.clock.sleep(for: .milliseconds(5))
                }
            }
            client.close()
        },
        Case("closing ends this side's waiting read") { fixture in
            let (client, server) = try await fixture.pair()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await expect(.unavailable, of: "reading from a closed connection") {
                        _ = try await client.read(upTo: 1, before: fixture.soon)
                    }
                }
                try await fixture.clock.sleep(for: .milliseconds(20))
                client.close()
                client.close()
                try await group.waitForAll()
            }
            try await expect(.unavailable, of: "writing to a closed connection") {
                try await client.write([1], before: fixture.soon)
            }
            server.close()
        },
        Case("closing ends this side's waiting write") { fixture in
            let (client, server) = try await fixture.pair()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await expect(.unavailable, of: "writing to a closed connection") {
                        try await fill(client, before: fixture.soon)
                    }
                }
                try await fixture.clock.sleep(for: .milliseconds(50))
                client.close()
                try await group.waitForAll()
            }
            server.close()
        },
        Case("whole messages come over a stream") { fixture in
            let (client, server) = try await fixture.pair()
            let near = MessageStream(client, limit: 100_000)
            let far = MessageStream(server, limit: 100_000)
            let messages = [pattern(1), [], pattern(99_999), pattern(5)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for message in messages { try await near.send(message, before: fixture.soon) }
                    near.close()
                }
                for message in messages {
                    try expect(try await far.receive(before: fixture.soon) == message, "another message came")
                }
                try expect(try await far.receive(before: fixture.soon) == nil, "a message too many came")
                try await group.waitForAll()
            }
            far.close()
        },
        Case("a stream that ends within a message is corrupt") { fixture in
            let (client, server) = try await fixture.pair()
            try await client.write([0, 0, 0, 9, 1, 2], before: fixture.soon)
            client.close()
            try await expect(.corrupt, of: "receiving half a message") {
                _ = try await MessageStream(server).receive(before: fixture.soon)
            }
            server.close()
        },
    ]
}
