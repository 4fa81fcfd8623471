import Benchmarks
import Core
import EventLoops

/// A thousand connections that all want something at once: how long is the unluckiest one left alone?
enum EchoCase {
    private static let connections = 1000
    private static let bytes = 1 << 20

    static let benchmark = Case(
        "echo-1mib-\(connections)-longest-stall", unit: "s", better: .lower,
        note: "the longest time in which one connection moved no byte; nginx has no echo to compare with"
    ) { workshop in
        let server = try await BareServer.start(in: workshop)
        guard let address = SocketAddress(parsing: server.address) else {
            throw ApolloError(.internal, "our server says that it listens on '\(server.address)'")
        }
        let loops = try EventLoopGroup(name: "load")
        workshop.onClose { await loops.stop() }
        return Contest {
            try await EchoLoad(
                address: address, connections: connections, bytes: bytes, loops: loops,
                clock: workshop.environment.clock
            ).longestStall()
        }
    }
}
