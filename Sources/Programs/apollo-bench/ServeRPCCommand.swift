import Arguments
import Concurrency
import Core
import RPC
import RPCModel
import Terminal

/// `apollo-bench serve-rpc`: our RPC server and nothing around it, as a process of its own.
enum ServeRPCCommand {
    static let command = Command(
        "serve-rpc", summary: "Serve what the rpc suite asks for, until a signal comes", parameters: [],
        isHidden: true
    ) { _ in
        let poller = RPCPoller(name: "rpc")
        let server = RPCServer(
            [Echo().service],
            configuration: RPCServerConfiguration(
                endpoints: [.init(.tcp("127.0.0.1", 0))], environment: .live), poller: poller)
        let output = Output.standardOutput(variables: [:])
        for address in try server.start() { try output.write("\(address)\n") }
        // Who started it asks it to end by cancelling this task, as the program does on a signal.
        await Environment.live.untilCancelled()
        await server.shutdown(deadline: .zero)
        return .success
    }

    private struct Echo: EchoService {
        func say(_ request: Payload, context: RPCContext) async throws -> Payload { request }

        func count(_ request: Amount, to responses: RPCWriter<Payload>, context: RPCContext) async throws {
            let payload = Payload(data: [UInt8](repeating: 7, count: 64))
            for _ in 0..<request.count { try await responses.write(payload) }
        }
    }
}
