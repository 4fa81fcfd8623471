import Concurrency
import Core
import NetworkContract
import Networking
import Simulation
import Testing

struct SimulatedNetworkTests {
    @Test(arguments: NetworkSuite.cases)
    func `the simulated network keeps the contract`(promise: NetworkSuite.Case) throws {
        for seed: UInt64 in 0..<30 {
            try Simulator(seed: seed).run { simulator in
                if seed % 3 == 1 { simulator.network.conditions.loss = 0.05 }
                try await promise.check(
                    NetworkSuite.Fixture(
                        server: simulator.interface("server"), client: simulator.interface("client"),
                        host: "server", clock: simulator.environment.clock))
            }
        }
    }

    /// A connection between hosts `a` and `b`, from `a` and from `b`, both used by the test itself.
    @Sendable private static func connect(
        _ simulator: Simulator
    ) async throws -> (near: any ByteStream, far: any ByteStream) {
        let deadline = simulator.environment.clock.now.advanced(by: .seconds(10))
        let address = NetworkAddress(host: "b", port: 80)
        let listener = try await simulator.interface("b").listen(on: address)
        let near = try await simulator.interface("a").connect(to: address, before: deadline)
        let far = try #require(try await listener.accept())
        return (near, far)
    }

    private static func at(_ seconds: Int, _ simulator: Simulator) -> MonotonicInstant {
        simulator.environment.clock.now.advanced(by: .seconds(seconds))
    }

    @Test func `what is sent into a partition comes after it heals`() throws {
        for seed: UInt64 in 0..<20 {
            try Simulator(seed: seed).run { simulator in
                let (near, far) = try await Self.connect(simulator)
                simulator.network.partition(["a"], from: ["b"])
                try await near.write([1, 2], before: Self.at(1, simulator))
                await #expect(throws: ApolloError.self) {
                    try await far.read(upTo: 2, before: Self.at(10, simulator))
                }
                simulator.network.heal()
                #expect(try await far.read(upTo: 2, before: Self.at(15, simulator)) == [1, 2])
            }
        }
    }

    @Test func `a one-way cut lets the other way through`() throws {
        try Simulator(seed: 1).run { simulator in
            let (near, far) = try await Self.connect(simulator)
            simulator.network.cut(from: "a", to: "b")
            try await near.write([1], before: Self.at(1, simulator))
            try await far.write([2], before: Self.at(1, simulator))
            #expect(try await near.read(upTo: 1, before: Self.at(1, simulator)) == [2])
            await #expect(throws: ApolloError.self) {
                try await far.read(upTo: 1, before: Self.at(5, simulator))
            }
            simulator.network.mend(from: "a", to: "b")
            #expect(try await far.read(upTo: 1, before: Self.at(15, simulator)) == [1])
        }
    }

    @Test func `a long partition leaves a half-open connection`() throws {
        try Simulator(seed: 2).run { simulator in
            let (near, far) = try await Self.connect(simulator)
            simulator.network.partition(["a"], from: ["b"])
            try await near.write([1], before: Self.at(1, simulator))
            let error = await #expect(throws: ApolloError.self) {
                try await near.read(upTo: 1, before: Self.at(100, simulator))
            }
            #expect(error?.kind == .unavailable)
            #expect(simulator.now < .seconds(60))
            simulator.network.heal()
            // The other side knows of nothing until it sends.
            let silence = await #expect(throws: ApolloError.self) {
                try await far.read(upTo: 1, before: Self.at(100, simulator))
            }
            #expect(silence?.kind == .deadline)
            try await far.write([1], before: Self.at(1, simulator))
            let reset = await #expect(throws: ApolloError.self) {
                try await far.read(upTo: 1, before: Self.at(1, simulator))
            }
            #expect(reset?.message.contains("reset") == true)
        }
    }

    /// A host that answers each byte with itself.
    @Sendable private static func echo(_ process: SimulatedProcess) async throws {
        let clock = process.environment.clock
        let address = NetworkAddress(host: process.host.name, port: 7)
        let listener = try await process.network.listen(on: address)
        try await withThrowingTaskGroup(of: Void.self) { group in
            while let stream = try await listener.accept() {
                group.addTask {
                    defer { stream.close() }
                    while true {
                        let deadline = clock.now.advanced(by: .seconds(86400))
                        guard let bytes = try? await stream.read(upTo: 100, before: deadline), !bytes.isEmpty
                        else { return }
                        try await stream.write(bytes, before: deadline)
                    }
                }
            }
        }
    }

    @Test func `the crash of a program resets its connections`() throws {
        try Simulator(seed: 3).run { simulator in
            let host = simulator.host("b")
            host.start(Self.echo)
            try await simulator.environment.clock.sleep(for: .seconds(1))
            let address = NetworkAddress(host: "b", port: 7)
            let stream = try await simulator.interface("a").connect(
                to: address, before: Self.at(5, simulator))
            try await stream.write([5], before: Self.at(1, simulator))
            #expect(try await stream.read(upTo: 1, before: Self.at(1, simulator)) == [5])
            host.crash(.process)
            let error = await #expect(throws: ApolloError.self) {
                try await stream.read(upTo: 1, before: Self.at(1, simulator))
            }
            #expect(error?.kind == .unavailable)
            let refused = await #expect(throws: ApolloError.self) {
                try await simulator.interface("a").connect(to: address, before: Self.at(5, simulator))
            }
            #expect(refused?.kind == .unavailable)
            host.restart()
            try await simulator.environment.clock.sleep(for: .seconds(1))
            let again = try await simulator.interface("a").connect(to: address, before: Self.at(5, simulator))
            try await again.write([6], before: Self.at(1, simulator))
            #expect(try await again.read(upTo: 1, before: Self.at(1, simulator)) == [6])
        }
    }

    @Test func `the crash of a machine is silent until it is back`() throws {
        try Simulator(seed: 4).run { simulator in
            let host = simulator.host("b")
            host.start(Self.echo)
            try await simulator.environment.clock.sleep(for: .seconds(1))
            let address = NetworkAddress(host: "b", port: 7)
            let interface = simulator.interface("a")
            let stream = try await interface.connect(to: address, before: Self.at(5, simulator))
            host.crash(.machine)
            try await stream.write([1], before: Self.at(1, simulator))
            let silence = await #expect(throws: ApolloError.self) {
                try await stream.read(upTo: 1, before: Self.at(5, simulator))
            }
            #expect(silence?.kind == .deadline)
            let nobody = await #expect(throws: ApolloError.self) {
                try await interface.connect(to: address, before: Self.at(5, simulator))
            }
            #expect(nobody?.kind == .deadline)
            host.restart()
            let reset = await #expect(throws: ApolloError.self) {
                try await stream.read(upTo: 1, before: Self.at(30, simulator))
            }
            #expect(reset?.message.contains("reset") == true)
        }
    }

    @Test func `datagrams get lost, come twice and overtake each other`() throws {
        var lost = 0
        var doubled = 0
        var overtaken = 0
        for seed: UInt64 in 0..<20 {
            let numbers = try Simulator(seed: seed).run { simulator in
                simulator.network.conditions = NetworkConditions(
                    latency: .milliseconds(1) ... .milliseconds(50), loss: 0.1, duplication: 0.1)
                let sender = try await simulator.interface("a").bind(to: NetworkAddress(host: "a", port: 0))
                let address = NetworkAddress(host: "b", port: 5)
                let receiver = try await simulator.interface("b").bind(to: address)
                for number: UInt8 in 0..<100 {
                    sender.send([number], to: address)
                    try await simulator.environment.clock.sleep(for: .milliseconds(1))
                }
                try await simulator.environment.clock.sleep(for: .seconds(1))
                simulator.network.conditions.loss = 0
                receiver.send([255], to: address)
                var numbers: [UInt8] = []
                while true {
                    let datagram = try #require(try await receiver.receive(before: Self.at(1, simulator)))
                    if datagram.bytes == [255] { return numbers }
                    #expect(datagram.sender == sender.address)
                    numbers += datagram.bytes
                }
            }
            lost += 100 - Set(numbers).count
            doubled += numbers.count - Set(numbers).count
            overtaken += zip(numbers, numbers.dropFirst()).count { $0 > $1 }
        }
        #expect((100...300).contains(lost))
        #expect((100...300).contains(doubled))
        #expect(overtaken > 200)
    }

    @Test func `connections overtake each other and stay in order themselves`() throws {
        var orders: Set<[UInt8]> = []
        for seed: UInt64 in 0..<30 {
            let order = try Simulator(seed: seed).run { simulator in
                simulator.network.conditions.latency = .milliseconds(1) ... .milliseconds(100)
                let address = NetworkAddress(host: "b", port: 80)
                let listener = try await simulator.interface("b").listen(on: address)
                let arrivals = Mailbox<UInt8>("arrivals", capacity: 100)
                let deadline = Self.at(60, simulator)
                var pairs: [(near: any ByteStream, far: any ByteStream)] = []
                for _ in 0..<5 {
                    let near = try await simulator.interface("a").connect(to: address, before: deadline)
                    pairs.append((near, try #require(try await listener.accept())))
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, (near, far)) in pairs.enumerated() {
                        let number = UInt8(index)
                        group.addTask {
                            for step: UInt8 in 0..<3 {
                                try await near.write([number * 10 + step], before: deadline)
                            }
                        }
                        group.addTask {
                            for _ in 0..<3 {
                                for byte in try await far.read(upTo: 1, before: deadline) {
                                    #expect(arrivals.send(byte))
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                return try await arrivals.nextBatch() ?? []
            }
            #expect(order.count == 15)
            for number: UInt8 in 0..<5 {
                let steps = order.filter { $0 / 10 == number }.map { $0 % 10 }
                #expect(steps == [0, 1, 2])
            }
            orders.insert(order)
        }
        #expect(orders.count > 25)
    }
}
