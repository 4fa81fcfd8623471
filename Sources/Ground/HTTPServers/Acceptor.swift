import EventLoops
import TLS

/// Takes the connections of one listener and hands them round the loops.
struct Acceptor: Sendable {
    let listener: Listener
    let certificate: TLSCertificate?
    let services: [LoopServices]
    let registry: ConnectionRegistry
    let report: @Sendable (HTTPServerEvent) -> Void

    /// How many are taken before the loop's other work gets its turn.
    private static let burst = 64

    func start() -> Task<Void, Never> {
        listener.loop.spawn { await run() }
    }

    private func run() async {
        var next = 0
        while true {
            await registry.waitForRoom()
            do throws(SocketError) {
                var connection = try await listener.accept()
                let services = services[next % services.count]
                next += 1
                start(connection.takeDescriptor(), peer: connection.peer, services)
                if next % Self.burst == 0 { await Task.yield() }
            } catch .closed {
                return
            } catch .cancelled {
                return
            } catch {
                report(.acceptFailed(listener.address, error))
                // Out of descriptors or memory: others must end first.
                do { try await listener.loop.sleep(for: .milliseconds(100)) } catch { return }
            }
        }
    }

    private func start(_ descriptor: Int32, peer: String, _ services: LoopServices) {
        let certificate = self.certificate
        services.loop.execute {
            Connection.start(descriptor, peer: peer, context: certificate?.current, services)
        }
    }
}
